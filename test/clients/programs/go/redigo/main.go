// A life with redigo and FZambia/sentinel: a pool whose Dial asks the Sentinels for the master, and
// which tests the role of a connection that it gives out.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/FZambia/sentinel"
	"github.com/gomodule/redigo/redis"
)

const (
	writePause = 20 * time.Millisecond
	lookPause  = 250 * time.Millisecond
	timeout    = 500 * time.Millisecond
)

var key = "life:" + os.Getenv("CLIENT_NAME")

func say(fields string) {
	fmt.Printf("{\"t\":%d,%s}\n", time.Now().UnixNano()/int64(time.Millisecond), fields)
}

func sayError(err error) {
	text, _ := json.Marshal(err.Error())
	say(`"error":` + string(text))
}

// dial connects to a server or a Sentinel with the account of its side.
func dial(address, side string) (redis.Conn, error) {
	options := []redis.DialOption{
		redis.DialConnectTimeout(timeout),
		redis.DialReadTimeout(timeout),
		redis.DialWriteTimeout(timeout),
	}
	if file := os.Getenv("TLS_CA"); file != "" {
		pem, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(pem)
		config := &tls.Config{RootCAs: roots}
		options = append(options, redis.DialUseTLS(true), redis.DialTLSConfig(config))
	}
	connection, err := redis.Dial("tcp", address, options...)
	if err != nil {
		return nil, err
	}
	if password := os.Getenv(side + "_PASSWORD"); password != "" {
		if _, err := connection.Do("AUTH", os.Getenv(side+"_USERNAME"), password); err != nil {
			connection.Close()
			return nil, err
		}
	}
	return connection, nil
}

func write(pool *redis.Pool, seq int) error {
	connection := pool.Get()
	defer connection.Close()
	_, err := connection.Do("SADD", key, seq)
	return err
}

func portOf(address string) string {
	return address[strings.LastIndex(address, ":")+1:]
}

func look(sentinels *sentinel.Sentinel) error {
	master, err := sentinels.MasterAddr()
	if err != nil {
		return err
	}
	slaves, err := sentinels.Slaves()
	if err != nil {
		return err
	}
	var ports []string
	for _, slave := range slaves {
		if slave.Available() {
			ports = append(ports, portOf(slave.Addr()))
		}
	}
	say(fmt.Sprintf(`"master":%s,"replicas":[%s]`, portOf(master), strings.Join(ports, ",")))
	return nil
}

func main() {
	sentinels := &sentinel.Sentinel{
		Addrs:      strings.Split(os.Getenv("SENTINELS"), ","),
		MasterName: os.Getenv("MASTER_NAME"),
		Dial:       func(address string) (redis.Conn, error) { return dial(address, "SENTINEL") },
	}
	pool := &redis.Pool{
		MaxIdle: 2,
		Dial: func() (redis.Conn, error) {
			address, err := sentinels.MasterAddr()
			if err != nil {
				return nil, err
			}
			return dial(address, "REDIS")
		},
		TestOnBorrow: func(connection redis.Conn, _ time.Time) error {
			if !sentinel.TestRole(connection, "master") {
				return errors.New("no master any more")
			}
			return nil
		},
	}
	go func() {
		for range time.Tick(lookPause) {
			if err := look(sentinels); err != nil {
				sayError(err)
			}
		}
	}()
	for seq := 1; ; seq++ {
		if err := write(pool, seq); err != nil {
			sayError(err)
		} else {
			say(fmt.Sprintf(`"wrote":%d`, seq))
		}
		time.Sleep(writePause)
	}
}
