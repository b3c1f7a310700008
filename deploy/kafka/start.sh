#!/bin/sh
# Starts the broker of docker-compose.yml. At the first start it is formatted with its one user; the
# password is read then only, later it is changed by kafka-configs.sh (docs/operations.md).
#
# KAFKA_INSIDE      host:port under which the workers reach it (SASL, not encrypted)
# KAFKA_OUTSIDE     host:port under which relays elsewhere do (SASL and TLS); empty: nobody does
# KAFKA_CONTROLLER  where it talks to itself
# WHISTLE_KAFKA_USER, WHISTLE_KAFKA_PASSWORD
set -eu
kafka=${KAFKA_HOME:-/opt/kafka}
data=${KAFKA_DATA:-/var/lib/kafka/data}
run=${KAFKA_RUN:-/tmp/kafka}
here=$(cd "$(dirname "$0")" && pwd)
inside=${KAFKA_INSIDE:-kafka:9092}
outside=${KAFKA_OUTSIDE:-}
controller=${KAFKA_CONTROLLER:-127.0.0.1:9093}
keystore=${KAFKA_KEYSTORE:-/run/secrets/kafka_keystore}

stop() { printf 'kafka: %s\n' "$*" >&2; exit 2; }
plain() { # a value that stands in files of properties and in arguments of the tools
    case $2 in
        '') stop "$1 is not set" ;;
        *[!A-Za-z0-9._~-]*) stop "$1 may have letters, digits and . _ ~ - only" ;;
    esac
}
plain WHISTLE_KAFKA_USER "${WHISTLE_KAFKA_USER:-}"
plain WHISTLE_KAFKA_PASSWORD "${WHISTLE_KAFKA_PASSWORD:-}"

module=org.apache.kafka.common.security.scram.ScramLoginModule
login="$module required username=\"$WHISTLE_KAFKA_USER\" password=\"$WHISTLE_KAFKA_PASSWORD\";"
umask 077
mkdir -p "$run"
{
    cat "$here/server.properties"
    echo "controller.quorum.voters=1@$controller"
    echo "log.dirs=$data/log"
    # the controller has no password, so that it listens where nobody else is
    echo "super.users=User:$WHISTLE_KAFKA_USER;User:ANONYMOUS"
    echo "listener.name.inside.scram-sha-512.sasl.jaas.config=$login"
    listeners="INSIDE://0.0.0.0:${inside##*:},CONTROLLER://$controller"
    if [ -n "$outside" ]; then
        [ -r "$keystore" ] || stop "$keystore cannot be read: a key and its certificates, PEM"
        echo "listener.name.outside.scram-sha-512.sasl.jaas.config=$module required;"
        echo "listener.name.outside.ssl.keystore.type=PEM"
        echo "listener.name.outside.ssl.keystore.location=$keystore"
        echo "listeners=$listeners,OUTSIDE://0.0.0.0:${outside##*:}"
        echo "advertised.listeners=INSIDE://$inside,OUTSIDE://$outside"
    else
        echo "listeners=$listeners"
        echo "advertised.listeners=INSIDE://$inside"
    fi
} >"$run/server.properties"
{
    echo "security.protocol=SASL_PLAINTEXT"
    echo "sasl.mechanism=SCRAM-SHA-512"
    echo "sasl.jaas.config=$login"
} >"$run/client.properties"

if [ ! -s "$data/log/meta.properties" ]; then
    cluster=$("$kafka/bin/kafka-storage.sh" random-uuid)
    user="name=$WHISTLE_KAFKA_USER,password=$WHISTLE_KAFKA_PASSWORD"
    "$kafka/bin/kafka-storage.sh" format --config "$run/server.properties" \
        --cluster-id "$cluster" --add-scram "SCRAM-SHA-512=[$user]"
fi
exec "$kafka/bin/kafka-server-start.sh" "$run/server.properties"
