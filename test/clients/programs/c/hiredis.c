/* A life with hiredis, which knows no Sentinel: the program asks for the master itself. */
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

enum { max_sentinels = 8, write_pause_us = 20000, looks_every_ms = 250 };

struct address {
    char host[64];
    int port;
};

static struct address sentinels[max_sentinels];
static int sentinel_count;
static const char *master_name;
static const struct timeval timeout = {0, 500000};

static long long now_ms(void) {
    struct timeval now;
    gettimeofday(&now, NULL);
    return now.tv_sec * 1000LL + now.tv_usec / 1000;
}

static void say_error(const char *text) {
    printf("{\"t\":%lld,\"error\":\"%s\"}\n", now_ms(), text);
}

/* NULL unless connected and, where there are accounts, authenticated. */
static redisContext *open_connection(const char *host, int port, const char *side) {
    redisContext *context = redisConnectWithTimeout(host, port, timeout);
    if (context == NULL || context->err) {
        say_error(context ? context->errstr : "no memory");
        if (context) redisFree(context);
        return NULL;
    }
    redisSetTimeout(context, timeout);
    char variable[32];
    snprintf(variable, sizeof variable, "%s_USERNAME", side);
    const char *user = getenv(variable);
    snprintf(variable, sizeof variable, "%s_PASSWORD", side);
    const char *password = getenv(variable);
    if (password == NULL) return context;
    redisReply *reply = redisCommand(context, "AUTH %s %s", user, password);
    int accepted = reply != NULL && reply->type == REDIS_REPLY_STATUS;
    if (!accepted) say_error(reply ? reply->str : context->errstr);
    if (reply) freeReplyObject(reply);
    if (accepted) return context;
    redisFree(context);
    return NULL;
}

/* The answer of the first Sentinel that knows one; to be freed. */
static redisReply *ask(const char *question) {
    for (int at = 0; at < sentinel_count; at++) {
        redisContext *context =
            open_connection(sentinels[at].host, sentinels[at].port, "SENTINEL");
        if (context == NULL) continue;
        redisReply *reply = redisCommand(context, "SENTINEL %s %s", question, master_name);
        redisFree(context);
        if (reply != NULL && reply->type == REDIS_REPLY_ARRAY) return reply;
        if (reply != NULL) freeReplyObject(reply);
    }
    say_error("no Sentinel answers");
    return NULL;
}

static redisContext *open_master(void) {
    redisReply *reply = ask("get-master-addr-by-name");
    if (reply == NULL) return NULL;
    redisContext *context =
        open_connection(reply->element[0]->str, atoi(reply->element[1]->str), "REDIS");
    freeReplyObject(reply);
    return context;
}

/* Returns whether the server took it. */
static int write_one(redisContext *context, const char *key, long seq) {
    redisReply *reply = redisCommand(context, "SADD %s %ld", key, seq);
    int taken = reply != NULL && reply->type == REDIS_REPLY_INTEGER;
    if (!taken) say_error(reply ? reply->str : context->errstr);
    if (reply) freeReplyObject(reply);
    return taken;
}

/* A field of a flat reply of names and values. */
static const char *field(const redisReply *row, const char *name) {
    for (size_t at = 0; at + 1 < row->elements; at += 2)
        if (strcmp(row->element[at]->str, name) == 0) return row->element[at + 1]->str;
    return "";
}

static int is_healthy(const redisReply *row) {
    const char *flags = field(row, "flags");
    return strstr(flags, "down") == NULL && strstr(flags, "disconnected") == NULL;
}

static void say_read(int port) {
    redisContext *context = open_connection("127.0.0.1", port, "REDIS");
    if (context == NULL) return;
    redisReply *reply = redisCommand(context, "INFO server");
    const char *found = reply && reply->str ? strstr(reply->str, "tcp_port:") : NULL;
    if (found) printf("{\"t\":%lld,\"read\":%d}\n", now_ms(), atoi(found + strlen("tcp_port:")));
    if (reply) freeReplyObject(reply);
    redisFree(context);
}

static void look(void) {
    redisReply *master = ask("get-master-addr-by-name");
    redisReply *replicas = ask("replicas");
    if (master != NULL && replicas != NULL) {
        int last = 0;
        const char *comma = "";
        printf("{\"t\":%lld,\"master\":%s,\"replicas\":[", now_ms(), master->element[1]->str);
        for (size_t at = 0; at < replicas->elements; at++) {
            if (!is_healthy(replicas->element[at])) continue;
            last = atoi(field(replicas->element[at], "port"));
            printf("%s%d", comma, last);
            comma = ",";
        }
        printf("]}\n");
        if (last != 0) say_read(last);
    }
    if (master) freeReplyObject(master);
    if (replicas) freeReplyObject(replicas);
}

static void read_sentinels(char *list) {
    for (char *item = strtok(list, ","); item; item = strtok(NULL, ",")) {
        struct address *address = &sentinels[sentinel_count];
        if (sscanf(item, "%63[^:]:%d", address->host, &address->port) != 2) exit(2);
        if (++sentinel_count == max_sentinels) break;
    }
}

int main(void) {
    char key[128];
    setvbuf(stdout, NULL, _IOLBF, 0);
    master_name = getenv("MASTER_NAME");
    snprintf(key, sizeof key, "life:%s", getenv("CLIENT_NAME"));
    read_sentinels(getenv("SENTINELS"));
    redisContext *master = NULL;
    long long looked_at = 0;
    for (long seq = 1;; seq++, usleep(write_pause_us)) {
        if (now_ms() - looked_at >= looks_every_ms) {
            look();
            looked_at = now_ms();
        }
        if (master == NULL) master = open_master();
        if (master == NULL) continue;
        if (write_one(master, key, seq)) {
            printf("{\"t\":%lld,\"wrote\":%ld}\n", now_ms(), seq);
        } else {
            redisFree(master);
            master = NULL;
        }
    }
}
