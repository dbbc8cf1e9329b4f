# Apache Kafka from Maven Central: one process that is broker and controller (KRaft).
# With SERVICES_KAFKA_KEYSTORE (a file of PEM: key and certificate of localhost) it listens to TLS besides, on SERVICES_KAFKA_SSL_PORT, and on
# SERVICES_KAFKA_SASL_PORT to TLS with the user flow, whose password is SERVICES_KAFKA_PASSWORD (PLAIN, SCRAM-SHA-512).

kafka_port=21092
kafka_packages() { java_packages kafka; }
kafka_address() { echo "127.0.0.1:$1"; }
kafka_kind() { echo "Apache Kafka $(pom_version kafka)"; }

start_kafka() {
  local home=$state/kafka controller=${SERVICES_KAFKA_CONTROLLER_PORT:-$(($1 + 1))}
  fetch_jars kafka
  is_free "$controller" ||
    fail "port $controller of 127.0.0.1 is taken (Kafka's controller): choose another by SERVICES_KAFKA_CONTROLLER_PORT."
  cat > "$home/server.properties" << PROPERTIES
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$controller
listeners=PLAINTEXT://127.0.0.1:$1,CONTROLLER://127.0.0.1:$controller
advertised.listeners=PLAINTEXT://127.0.0.1:$1
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs=$home/data
# One broker holds every replica that there is.
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
# Nobody waits for other members of a group that will not come.
group.initial.rebalance.delay.ms=0
# What a process read that was killed goes to others as soon as a test wants.
group.min.session.timeout.ms=1000
PROPERTIES
  local users=()
  if [ -n "${SERVICES_KAFKA_KEYSTORE:-}" ]; then
    secure_listeners "$1" "$controller" >> "$home/server.properties"
    users=(--add-scram "SCRAM-SHA-512=[name=flow,password=$SERVICES_KAFKA_PASSWORD]")
  fi
  local run=(java -Xmx512m -XX:+UseSerialGC "-Dlog4j2.configurationFile=$parts/kafka/log4j2.properties" -cp "$(jars_folder kafka)/*")
  if [ ! -f "$home/data/meta.properties" ]; then
    "${run[@]}" kafka.tools.StorageTool format -t flow-automation-testsA "${users[@]}" -c "$home/server.properties" > "$home/format.log" 2>&1 || {
      tail -n 25 "$home/format.log" >&2
      fail "Kafka's storage cannot be formatted."
    }
  fi
  launch kafka "${run[@]}" kafka.Kafka "$home/server.properties"
}

# What comes later in the file wins.
secure_listeners() {
  local ssl=$SERVICES_KAFKA_SSL_PORT sasl=$SERVICES_KAFKA_SASL_PORT login=org.apache.kafka.common.security
  cat << PROPERTIES
listeners=PLAINTEXT://127.0.0.1:$1,CONTROLLER://127.0.0.1:$2,SSL://127.0.0.1:$ssl,SASL_SSL://127.0.0.1:$sasl
advertised.listeners=PLAINTEXT://127.0.0.1:$1,SSL://localhost:$ssl,SASL_SSL://localhost:$sasl
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SSL:SSL,SASL_SSL:SASL_SSL
ssl.keystore.type=PEM
ssl.keystore.location=$SERVICES_KAFKA_KEYSTORE
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512
listener.name.sasl_ssl.plain.sasl.jaas.config=$login.plain.PlainLoginModule required user_flow="$SERVICES_KAFKA_PASSWORD";
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=$login.scram.ScramLoginModule required;
PROPERTIES
}
