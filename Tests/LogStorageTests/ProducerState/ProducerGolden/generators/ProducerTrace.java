import org.apache.kafka.common.*;
import org.apache.kafka.common.compress.*;
import org.apache.kafka.common.protocol.*;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.*;
import org.apache.kafka.common.utils.*;
import org.apache.kafka.storage.internals.log.*;
import java.io.File;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.util.*;

/** Random producers against ProducerStateManager: every line an event and what came of it, then the snapshot. */
public class ProducerTrace {
  public static void main(String[] args) throws Exception {
    for (int seed = 1; seed <= 40; seed++) run(seed);
  }
  static void run(int seed) throws Exception {
    Random r = new Random(seed);
    File dir = Files.createTempDirectory("trace").toFile();
    ProducerStateManager m = new ProducerStateManager(new TopicPartition("t", 0), dir, 60000, new ProducerStateManagerConfig(5000, false), Time.SYSTEM);
    Method find = ProducerStateEntry.class.getDeclaredMethod("findDuplicateBatch", RecordBatch.class); find.setAccessible(true);
    long end = 0, now = 1000000, hw = 0;
    short[] epoch = new short[4]; int[] seq = new int[4]; int[] prev = new int[4]; int[] prevCount = new int[4]; int[] coord = new int[4]; boolean[] open = new boolean[4];
    for (int i = 0; i < 4; i++) { seq[i] = r.nextInt(4) == 0 ? Integer.MAX_VALUE - 6 : 0; prevCount[i] = 1; }
    System.out.println("S " + seed);
    for (int step = 0; step < 60; step++) {
      now += r.nextInt(10) == 0 ? 3000 : r.nextInt(100);
      int p = r.nextInt(4), kind = r.nextInt(20);
      String line, result;
      if (kind < 12) {
        int count = 1 + r.nextInt(4);
        short e = epoch[p]; int s = seq[p]; boolean txn = p % 2 == 0, client = r.nextInt(12) != 0;
        int twist = r.nextInt(14);
        if (twist == 0) { s = prev[p]; count = prevCount[p]; }
        if (twist == 1) s = (s + 1 + r.nextInt(3)) & Integer.MAX_VALUE;
        if (twist == 2) e = (short) Math.max(0, e - 1);
        if (twist == 3) { e++; s = r.nextInt(3) == 0 ? 5 : 0; }
        if (twist == 4) txn = !txn;
        SimpleRecord[] records = new SimpleRecord[count];
        for (int i = 0; i < count; i++) records[i] = new SimpleRecord(now, "v".getBytes());
        MutableRecordBatch b = MemoryRecords.withRecords((byte) 2, end, Compression.NONE, TimestampType.CREATE_TIME, 100L + p, e, s, 0, txn, records).batches().iterator().next();
        line = "D " + (100 + p) + " " + e + " " + s + " " + count + " " + (txn ? 1 : 0) + " " + now + " " + (client ? "c" : "o");
        Optional<BatchMetadata> duplicate = Optional.empty();
        if (client && m.lastEntry(100L + p).isPresent()) duplicate = (Optional<BatchMetadata>) find.invoke(m.lastEntry(100L + p).get(), b);
        if (duplicate.isPresent()) { BatchMetadata d = duplicate.get(); result = "duplicate:" + d.firstOffset() + ":" + d.lastOffset() + ":" + d.timestamp(); }
        else try {
          ProducerAppendInfo info = m.prepareUpdate(100L + p, client ? AppendOrigin.CLIENT : AppendOrigin.COORDINATOR);
          info.append(b, Optional.empty()); m.update(info); end += count; m.updateMapEndOffset(end);
          prev[p] = s; prevCount[p] = count; seq[p] = (int) ((s + (long) count) & Integer.MAX_VALUE); epoch[p] = e; open[p] |= txn; result = "accepted";
        } catch (Exception x) { result = Errors.forException(x).name(); }
      } else if (kind < 16) {
        boolean abort = r.nextBoolean(); short version = (short) r.nextInt(3);
        short e = (short) (epoch[p] + (version == 2 ? 1 : 0)); int c = coord[p];
        int twist = r.nextInt(8);
        if (twist == 0) e = (short) Math.max(0, e - 1);
        if (twist == 1) c = Math.max(0, c - 1);
        if (twist == 2) c++;
        RecordBatch b = MemoryRecords.withEndTransactionMarker(end, now, 0, 100L + p, e, new EndTransactionMarker(abort ? ControlRecordType.ABORT : ControlRecordType.COMMIT, c)).batches().iterator().next();
        line = "M " + (100 + p) + " " + e + " " + c + " " + (abort ? 1 : 0) + " " + now + " " + version;
        try {
          ProducerAppendInfo info = m.prepareUpdate(100L + p, AppendOrigin.COORDINATOR);
          Optional<CompletedTxn> done = info.append(b, Optional.empty(), version); m.update(info); end++; m.updateMapEndOffset(end);
          result = "accepted";
          if (done.isPresent()) { long lso = m.lastStableOffset(done.get()); if (done.get().isAborted()) result += ":" + done.get().firstOffset() + ":" + done.get().lastOffset() + ":" + lso; m.completeTxn(done.get()); }
          if (e != epoch[p]) { seq[p] = 0; epoch[p] = e; } coord[p] = c; open[p] = false;
        } catch (Exception x) { result = Errors.forException(x).name(); }
      } else if (kind < 18) { hw = hw + (end == hw ? 0 : r.nextInt((int) (end - hw) + 1)); m.onHighWatermarkUpdated(hw); line = "H " + hw; result = "-"; }
      else if (kind == 18) { m.removeExpiredProducers(now); line = "E " + now; result = "" + m.producerIdCount(); }
      else {
        // Written out and read back, as a restart does; transactions that were decided are stable afterwards.
        if (end <= m.latestSnapshotOffset().orElse(0)) continue;
        m.takeSnapshot(false);
        byte[] bytes = Files.readAllBytes(new File(dir, String.format("%020d.snapshot", end)).toPath());
        if (m.latestSnapshotOffset().orElse(-1) != end) throw new Error();
        ProducerStateManager n = new ProducerStateManager(new TopicPartition("t", 0), dir, 60000, new ProducerStateManagerConfig(5000, false), Time.SYSTEM);
        n.truncateAndReload(0, end, now); m = n; line = "R " + now; result = HexFormat.of().formatHex(bytes);
      }
      System.out.println(line + "|" + result + "|" + m.firstUnstableOffset().map(o -> "" + o.messageOffset).orElse("-") + "|" + (m.firstUndecidedOffset().isPresent() ? "" + m.firstUndecidedOffset().getAsLong() : "-") + "|" + (m.hasLateTransaction(now + 362000) ? 1 : 0));
    }
  }
}
