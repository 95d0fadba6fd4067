import org.apache.kafka.common.*;
import org.apache.kafka.common.compress.*;
import org.apache.kafka.common.errors.*;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.protocol.*;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.*;
import org.apache.kafka.common.requests.*;
import org.apache.kafka.common.utils.*;
import org.apache.kafka.storage.internals.log.*;
import java.nio.ByteBuffer;
import java.util.*;
import java.util.function.*;

/** Writes cases for a validator of produced batches and what LogValidator says of them, one a line. */
public class ValidatorCases {
  static final long NOW = 1700000000000L;
  static class Rules { boolean compact; TimestampType type = TimestampType.CREATE_TIME; long before = Long.MAX_VALUE, after = 3600000; int max = 1048588; String target = "producer";
    public String toString(){ return (compact?1:0)+","+type.id+","+before+","+after+","+max+","+target; } }
  static byte[] bytes(Compression c, long pid, short epoch, int seq, boolean txn, SimpleRecord... r) {
    ByteBuffer b = ByteBuffer.allocate(100000);
    MemoryRecordsBuilder m = MemoryRecords.builder(b, (byte)2, c, TimestampType.CREATE_TIME, 0L, -1L, pid, epoch, seq, txn, false, -1);
    for (SimpleRecord s : r) m.append(s);
    MemoryRecords out = m.build(); byte[] a = new byte[out.sizeInBytes()]; out.buffer().duplicate().get(a); return a;
  }
  static SimpleRecord[] three(long base) { return new SimpleRecord[]{
    new SimpleRecord(base, "a".getBytes(), "one".getBytes()),
    new SimpleRecord(base + 70, "b".getBytes(), null, new Header[]{new RecordHeader("h", "v".getBytes()), new RecordHeader("n", null)}),
    new SimpleRecord(base + 20, "c".getBytes(), "three".repeat(30).getBytes())}; }
  static byte[] seal(byte[] a) { ByteBuffer b = ByteBuffer.wrap(a); b.putInt(8, a.length - 12); b.putInt(17, (int) Crc32C.compute(b, 21, a.length - 21)); return a; }
  static byte[] edit(byte[] a, Consumer<ByteBuffer> f) { byte[] c = a.clone(); f.accept(ByteBuffer.wrap(c)); return seal(c); }
  /** A batch of the header of a with other bytes for records. */
  static byte[] body(byte[] a, int count, byte... records) { byte[] c = Arrays.copyOf(a, 61 + records.length); System.arraycopy(records, 0, c, 61, records.length);
    ByteBuffer b = ByteBuffer.wrap(c); b.putInt(57, count); b.putInt(23, count - 1); return seal(c); }
  static void run(String name, Rules rules, byte[] input) {
    String outcome;
    byte[] copy = input.clone();
    try {
      MemoryRecords records = MemoryRecords.readableRecords(ByteBuffer.wrap(copy));
      ProduceRequest.validateRecords((short) 11, records);
      CompressionType source = CompressionType.NONE;
      for (MutableRecordBatch batch : records.batches()) {
        if (batch.baseOffset() != 0) throw new InvalidRecordException("base offset");
        if (batch.sizeInBytes() > rules.max) throw new RecordTooLargeException();
        if (!batch.isValid()) throw new CorruptRecordException();
        source = batch.compressionType();
      }
      Compression target = rules.target.equals("producer") ? Compression.of(source).build() : Compression.of(rules.target).build();
      LogValidator v = new LogValidator(records, new TopicPartition("t", 0), new MockTimeAt(), source, target, rules.compact, (byte) 2, rules.type, rules.before, rules.after, 7, AppendOrigin.CLIENT);
      LogValidator.ValidationResult r = v.validateMessagesAndAssignOffsets(PrimitiveRef.ofLong(1000), new LogValidator.MetricsRecorder() {
        public void recordInvalidMagic(){} public void recordInvalidOffset(){} public void recordInvalidSequence(){} public void recordInvalidChecksums(){} public void recordNoKeyCompactedTopic(){} }, BufferSupplier.NO_CACHING);
      byte[] head = new byte[61]; r.validatedRecords().buffer().duplicate().get(head);
      if (r.messageSizeMaybeChanged()) { RecordBatch b = r.validatedRecords().batches().iterator().next(); outcome = "REWRITE:" + b.compressionType().id + "," + b.maxTimestamp() + "," + b.timestampType().id + "," + b.lastOffset() + "," + b.countOrNull(); }
      else outcome = "APPEND:" + HexFormat.of().formatHex(head);
    } catch (RecordValidationException e) {
      StringBuilder s = new StringBuilder(Errors.forException(e.invalidException()).name());
      for (ProduceResponse.RecordError x : e.recordErrors()) s.append(":").append(x.batchIndex);
      outcome = s.toString();
    } catch (Throwable e) { outcome = Errors.forException(e).name(); System.err.println(name + ": " + e); }
    System.out.println(name + "|" + rules + "|" + HexFormat.of().formatHex(input) + "|" + outcome);
  }
  static class MockTimeAt implements Time {
    public long milliseconds(){return NOW;} public long nanoseconds(){return 0;} public void sleep(long m){}
    public void waitObject(Object o, Supplier<Boolean> c, long d){}
    public org.apache.kafka.common.utils.Timer timer(long t){ return Time.SYSTEM.timer(t);} 
    public <T> T waitForFuture(java.util.concurrent.CompletableFuture<T> f, long d){ return null; } }
  public static void main(String[] args) {
    Rules plain = new Rules(), compact = new Rules(), lat = new Rules(), narrow = new Rules(), small = new Rules();
    compact.compact = true; lat.type = TimestampType.LOG_APPEND_TIME; narrow.before = 1000; narrow.after = 50; small.max = 100;
    Map<String, byte[]> good = new LinkedHashMap<>();
    for (CompressionType t : CompressionType.values()) good.put(t.name, bytes(Compression.of(t).build(), -1, (short) -1, -1, false, three(NOW)));
    byte[] none = good.get("none");
    for (var e : good.entrySet()) {
      String n = e.getKey(); byte[] a = e.getValue();
      run(n + " in order", plain, a);
      run(n + " keyed, compacted", compact, a);
      run(n + " append time", lat, a);
      run(n + " future and past", narrow, a);
      run(n + " too large", small, a);
      run(n + " header time wrong", plain, edit(a, b -> b.putLong(35, NOW + 5)));
      run(n + " header time none", plain, edit(a, b -> b.putLong(35, -1)));
      run(n + " base offset 5", plain, edit(a, b -> b.putLong(0, 5)));
      run(n + " checksum", plain, flip(a, 20));
      run(n + " body flipped", plain, flip(a, a.length - 1));
      run(n + " control", plain, edit(a, b -> b.putShort(21, (short) (b.getShort(21) | 0x20))));
      run(n + " transactional without producer", plain, edit(a, b -> b.putShort(21, (short) (b.getShort(21) | 0x10))));
      run(n + " delete horizon", plain, edit(a, b -> b.putShort(21, (short) (b.getShort(21) | 0x40))));
      run(n + " unused bits", plain, edit(a, b -> b.putShort(21, (short) (b.getShort(21) | 0x7f80))));
      run(n + " claims append time", plain, edit(a, b -> b.putShort(21, (short) (b.getShort(21) | 8))));
      run(n + " claims append time, late", narrow, edit(a, b -> b.putShort(21, (short) (b.getShort(21) | 8))));
      run(n + " claims append time, none", plain, edit(a, b -> { b.putShort(21, (short) (b.getShort(21) | 8)); b.putLong(35, -1); }));
      run(n + " claims append time, append time", lat, edit(a, b -> b.putShort(21, (short) (b.getShort(21) | 8))));
      for (int c : new int[]{-1, 0, 2, 4, Integer.MAX_VALUE}) {
        run(n + " count " + c, plain, edit(a, b -> b.putInt(57, c)));
        run(n + " count and delta " + c, plain, edit(a, b -> { b.putInt(57, c); b.putInt(23, c - 1); }));
      }
      run(n + " delta -1", plain, edit(a, b -> b.putInt(23, -1)));
      run(n + " delta 7", plain, edit(a, b -> b.putInt(23, 7)));
      run(n + " sequence none", plain, edit(a, b -> { b.putLong(43, 9); b.putShort(51, (short) 0); }));
      run(n + " idempotent", plain, edit(a, b -> { b.putLong(43, 9); b.putShort(51, (short) 0); b.putInt(53, 0); }));
      run(n + " producer epoch none", plain, edit(a, b -> { b.putLong(43, 9); b.putInt(53, 0); }));
      run(n + " two batches", plain, concat(a, a));
      run(n + " partial second", plain, concat(a, Arrays.copyOf(a, 40)));
      run(n + " truncated", plain, Arrays.copyOf(a, a.length - 1));
      run(n + " magic 1", plain, edit(a, b -> b.put(16, (byte) 1)));
      run(n + " magic 3", plain, edit(a, b -> b.put(16, (byte) 3)));
      run(n + " short length", plain, Arrays.copyOf(edit(a, b -> {}), 61));
      run(n + " last byte missing", plain, seal(Arrays.copyOf(a, a.length - 1)));
      run(n + " a byte too many", plain, seal(Arrays.copyOf(a, a.length + 1)));
      for (CompressionType t : CompressionType.values()) { Rules r = new Rules(); r.target = t.name; run(n + " to " + t.name, r, a);
        Rules l = new Rules(); l.target = t.name; l.type = TimestampType.LOG_APPEND_TIME; run(n + " to " + t.name + ", append time", l, a); }
      if (!n.equals("none")) { run(n + " garbage", plain, seal(Arrays.copyOf(Arrays.copyOf(a, 61), 80))); run(n + " empty", plain, seal(Arrays.copyOf(a, 61))); }
      byte[] keyless = bytes(Compression.of(n).build(), -1, (short) -1, -1, false, new SimpleRecord(NOW, "k".getBytes(), "v".getBytes()), new SimpleRecord(NOW, (byte[]) null, "v".getBytes()), new SimpleRecord(NOW - 5000, (byte[]) null, "v".getBytes()));
      run(n + " keyless, compacted", compact, keyless);
      Rules both = new Rules(); both.compact = true; both.before = 1000; 
      run(n + " keyless and old", both, keyless);
      run(n + " keyless", plain, keyless);
      run(n + " no times", narrow, bytes(Compression.of(n).build(), -1, (short) -1, -1, false, new SimpleRecord(-1L, (byte[]) null, "v".getBytes())));
      run(n + " time 0", narrow, bytes(Compression.of(n).build(), -1, (short) -1, -1, false, new SimpleRecord(0L, "k".getBytes(), "v".getBytes())));
      run(n + " transactional", plain, bytes(Compression.of(n).build(), 5, (short) 1, 10, true, three(NOW)));
    }
    for (int c = 5; c < 8; c++) { int k = c; run("codec " + c, plain, edit(none, b -> b.putShort(21, (short) k))); }
    // One record: length 7 | attributes, time 0, offset 0, key -1, value -1 ("01"), headers 0
    run("minimal", plain, body(none, 1, new byte[]{12, 0, 0, 0, 1, 1, 0}));
    run("length short", plain, body(none, 1, new byte[]{10, 0, 0, 0, 1, 1, 0}));
    run("length long", plain, body(none, 1, new byte[]{14, 0, 0, 0, 1, 1, 0, 0}));
    run("length past the end", plain, body(none, 1, new byte[]{127, 0, 0, 0, 1, 1, 0}));
    run("length negative", plain, body(none, 1, new byte[]{1, 0, 0, 0, 1, 1, 0}));
    run("length huge", plain, body(none, 1, new byte[]{-2, -1, -1, -1, 15, 0, 0, 0, 1, 1, 0}));
    run("key past the end", plain, body(none, 1, new byte[]{12, 0, 0, 0, 100, 1, 0}));
    run("key length -3", plain, body(none, 1, new byte[]{12, 0, 0, 0, 5, 1, 0}));
    run("value past the end", plain, body(none, 1, new byte[]{12, 0, 0, 0, 1, 100, 0}));
    run("value length -3", plain, body(none, 1, new byte[]{12, 0, 0, 0, 1, 5, 0}));
    run("headers negative", plain, body(none, 1, new byte[]{12, 0, 0, 0, 1, 1, 1}));
    run("headers too many", plain, body(none, 1, new byte[]{12, 0, 0, 0, 1, 1, 8}));
    run("header key negative", plain, body(none, 1, new byte[]{16, 0, 0, 0, 1, 1, 2, 1, 1}));
    run("header value null", plain, body(none, 1, new byte[]{18, 0, 0, 0, 1, 1, 2, 2, 65, 1}));
    run("header value -2", plain, body(none, 1, new byte[]{18, 0, 0, 0, 1, 1, 2, 2, 65, 3}));
    run("header value past the end", plain, body(none, 1, new byte[]{18, 0, 0, 0, 1, 1, 2, 2, 65, 80}));
    run("varint of eleven bytes", plain, body(none, 1, new byte[]{32, 0, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 1, 0, 1, 1, 0}));
    run("record attributes", plain, body(none, 1, new byte[]{12, 77, 0, 0, 1, 1, 0}));
    run("offset delta 3", plain, body(none, 1, new byte[]{12, 0, 0, 6, 1, 1, 0}));
    run("offset delta -1", plain, body(none, 1, new byte[]{12, 0, 0, 1, 1, 1, 0}));
    run("no records", plain, body(none, 1));
    run("nothing", plain, new byte[0]);
  }
  static byte[] flip(byte[] a, int i) { byte[] c = a.clone(); c[i] ^= 4; return c; }
  static byte[] concat(byte[] a, byte[] b) { byte[] c = Arrays.copyOf(a, a.length + b.length); System.arraycopy(b, 0, c, a.length, b.length); return c; }
}
