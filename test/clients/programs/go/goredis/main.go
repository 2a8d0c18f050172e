// A life with go-redis 5, the version that Debian packages: NewFailoverClient.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"gopkg.in/redis.v5"
)

const (
	writePause = 20 * time.Millisecond
	lookPause  = 250 * time.Millisecond
	timeout    = 500 * time.Millisecond
)

var (
	name      = os.Getenv("MASTER_NAME")
	key       = "life:" + os.Getenv("CLIENT_NAME")
	sentinels = strings.Split(os.Getenv("SENTINELS"), ",")
)

func say(fields string) {
	fmt.Printf("{\"t\":%d,%s}\n", time.Now().UnixNano()/int64(time.Millisecond), fields)
}

func sayError(err error) {
	text, _ := json.Marshal(err.Error())
	say(`"error":` + string(text))
}

// replicaPorts asks one Sentinel, as go-redis itself asks it for the master.
func replicaPorts(sentinel *redis.Client) ([]string, error) {
	command := redis.NewSliceCmd("SENTINEL", "slaves", name)
	sentinel.Process(command)
	rows, err := command.Result()
	if err != nil {
		return nil, err
	}
	var ports []string
	for _, row := range rows {
		fields := map[string]string{}
		words := row.([]interface{})
		for at := 0; at+1 < len(words); at += 2 {
			fields[words[at].(string)] = words[at+1].(string)
		}
		flags := fields["flags"]
		if !strings.Contains(flags, "down") && !strings.Contains(flags, "disconnected") {
			ports = append(ports, fields["port"])
		}
	}
	return ports, nil
}

func look(sentinel *redis.Client) error {
	master := redis.NewStringSliceCmd("SENTINEL", "get-master-addr-by-name", name)
	sentinel.Process(master)
	address, err := master.Result()
	if err != nil {
		return err
	}
	replicas, err := replicaPorts(sentinel)
	if err != nil {
		return err
	}
	say(fmt.Sprintf(`"master":%s,"replicas":[%s]`, address[1], strings.Join(replicas, ",")))
	return nil
}

func main() {
	client := redis.NewFailoverClient(&redis.FailoverOptions{
		MasterName:    name,
		SentinelAddrs: sentinels,
		DialTimeout:   timeout,
		ReadTimeout:   timeout,
	})
	sentinel := redis.NewClient(&redis.Options{Addr: sentinels[0], ReadTimeout: timeout})
	go func() {
		for range time.Tick(lookPause) {
			if err := look(sentinel); err != nil {
				sayError(err)
			}
		}
	}()
	for seq := 1; ; seq++ {
		if err := client.SAdd(key, seq).Err(); err != nil {
			sayError(err)
		} else {
			say(`"wrote":` + strconv.Itoa(seq))
		}
		time.Sleep(writePause)
	}
}
