import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import java.util.List;

/** Speaks MongoDB's protocol on a port of 127.0.0.1. It says that it is a MongoDB 4.4: drivers talk to none that is older. */
public class MongoStandIn {
  record Version(List<Integer> getVersionArray, int getWireVersion) implements MongoVersion {}

  public static void main(String[] args) {
    MongoServer server = new MongoServer(new MemoryBackend().version(new Version(List.of(4, 4, 0), 9)));
    server.bind("127.0.0.1", Integer.parseInt(args[0]));
    Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow));
  }
}
