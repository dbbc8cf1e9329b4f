import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.ServerVersion;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;

/** Speaks MongoDB's protocol on a port of 127.0.0.1, as the version that the driver asks for at least. */
public class MongoStandIn {
  public static void main(String[] args) {
    MongoServer server = new MongoServer(new MemoryBackend().version(ServerVersion.MONGO_4_4));
    server.bind("127.0.0.1", Integer.parseInt(args[0]));
    Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow));
  }
}
