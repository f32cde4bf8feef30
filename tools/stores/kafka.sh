#!/bin/sh
# Apache Kafka, one broker that is its own controller. Reads KAFKA_ADVERTISED, the host:port that clients come back to.
set -eu
properties=/tmp/server.properties
cat /app/tools/stack/kafka/server.properties - > "$properties" <<END
listeners=PLAINTEXT://:9092,CONTROLLER://127.0.0.1:9093
advertised.listeners=PLAINTEXT://$KAFKA_ADVERTISED
controller.quorum.voters=1@127.0.0.1:9093
log.dirs=/data/log
END

# Small rather than fast for hours. The archive of loaded classes, kept beside the data, halves the CPU of a start.
set -- -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xms64m "-Xmx${KAFKA_HEAP:-256m}" -Xlog:disable -Xlog:all=error:stderr \
    -Dlog4j2.configurationFile=/app/tools/stack/kafka/log4j2.properties -cp '/opt/kafka/*'

[ -e /data/log/meta.properties ] ||
    java "$@" kafka.tools.StorageTool format -t MkU3OEVBNTcwNTJENDM2Qg -c "$properties" > /dev/null
exec java -XX:+AutoCreateSharedArchive -XX:SharedArchiveFile=/data/kafka.jsa "$@" kafka.Kafka "$properties"
