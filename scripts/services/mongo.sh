# The stand-in for MongoDB: mongo-java-server in memory, which says that it is MongoDB 4.4.

mongo_port=21017
mongo_packages() { java_packages mongo; }
mongo_address() { echo "mongodb://127.0.0.1:$1/"; }
mongo_kind() { echo "mongo-java-server $(pom_version mongo)"; }

start_mongo() {
  fetch_jars mongo
  launch mongo java -Xmx1g -XX:+UseSerialGC -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp "$(jars_folder mongo):$(jars_folder mongo)/*" MongoStandIn "$1"
}
