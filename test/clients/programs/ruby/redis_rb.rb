# A life with redis-rb: a name in place of an address, and the Sentinels that know it.
require "json"
require "redis"

WRITE_PAUSE_S = 0.02
LOOK_PAUSE_S = 0.25

$stdout.sync = true
NAME = ENV.fetch("MASTER_NAME")
KEY = "life:#{ENV.fetch('CLIENT_NAME')}"

def say(fields)
  now = (Time.now.to_f * 1000).to_i
  $stdout.write("#{JSON.generate({ t: now }.merge(fields))}\n")
end

def forever(pause)
  loop do
    begin
      yield
    rescue Redis::BaseError => error
      say(error: "#{error.class}: #{error.message}")
    end
    sleep(pause)
  end
end

def account(side)
  { username: ENV["#{side}_USERNAME"], password: ENV["#{side}_PASSWORD"] }.compact
end

TLS = ENV.key?("TLS_CA") ? { ssl: true, ssl_params: { ca_file: ENV["TLS_CA"] } } : {}.freeze
SENTINELS = ENV.fetch("SENTINELS").split(",").map do |address|
  host, port = address.split(":")
  { host: host, port: port.to_i }.merge(account("SENTINEL"))
end

def connect(role)
  Redis.new(host: NAME, sentinels: SENTINELS, role: role, timeout: 0.5, **account("REDIS"), **TLS)
end

master = connect(:master)
replica = connect(:slave)
sentinel = Redis.new(timeout: 0.5, **SENTINELS.first, **TLS)

Thread.new do
  forever(LOOK_PAUSE_S) do
    rows = sentinel.sentinel("slaves", NAME)
    healthy = rows.reject { |row| row["flags"].match?(/down|disconnected/) }
    say(master: sentinel.sentinel("get-master-addr-by-name", NAME)[1].to_i,
        replicas: healthy.map { |row| row["port"].to_i })
    # A reader notices a change of role only when it connects.
    replica.close if replica.role.first != "slave"
    say(read: replica.info("server")["tcp_port"].to_i)
  end
end

seq = 0
forever(WRITE_PAUSE_S) do
  seq += 1
  master.sadd(KEY, seq)
  say(wrote: seq)
end
