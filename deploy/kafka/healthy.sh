#!/bin/sh
# Whether the broker answers its own user, by its own tool: with a password that it does not accept
# it is as unwell as without an answer.
set -eu
export KAFKA_HEAP_OPTS=-Xmx128m
exec timeout 20 "${KAFKA_HOME:-/opt/kafka}/bin/kafka-broker-api-versions.sh" \
    --bootstrap-server "${KAFKA_INSIDE:-kafka:9092}" \
    --command-config "${KAFKA_RUN:-/tmp/kafka}/client.properties" >/dev/null
