import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.*;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.file.*;
import java.util.*;
import java.util.jar.*;
import org.apache.kafka.common.protocol.*;
import org.apache.kafka.common.protocol.types.*;

/** Writes random messages with Kafka's own classes: for each version its number, the bytes in hex, and Kafka's JSON. */
public class GoldenMessages {
    static Random random = new Random(20261121);

    public static void main(String[] arguments) throws Exception {
        // Arguments: folder for the files, name of the producer, `-` for all versions or `old` for those below what
        // the files hold already, jars whose messages are written.
        Path out = Paths.get(arguments[0]);
        for (int i = 3; i < arguments.length; i++) {
            try (JarFile jar = new JarFile(arguments[i])) {
                for (Enumeration<JarEntry> e = jar.entries(); e.hasMoreElements();) {
                    String name = e.nextElement().getName();
                    if (!name.endsWith("JsonConverter.class") || name.contains("$")) continue;
                    String type = name.replace('/', '.').replace("JsonConverter.class", "");
                    one(Class.forName(type), Class.forName(type + "JsonConverter"), out, arguments[1], arguments[2]);
                }
            }
        }
    }

    static void one(Class<?> type, Class<?> converter, Path out, String producer, String old) throws Exception {
        short low = type.getField("LOWEST_SUPPORTED_VERSION").getShort(null);
        short high = type.getField("HIGHEST_SUPPORTED_VERSION").getShort(null);
        Schema[] schemas = (Schema[]) type.getField("SCHEMAS").get(null);
        String name = type.getSimpleName();
        if (name.matches(".*(Request|Response|Header)Data")) name = name.substring(0, name.length() - 4);
        Path file = out.resolve(name + ".golden");
        int until = high;
        if (!old.equals("-")) {
            // Version 0 of these was early access and is gone.
            if (name.matches("Share(GroupHeartbeat|GroupDescribe|Fetch|Acknowledge)(Request|Response)")) return;
            // Only versions below those that the newer producer wrote.
            if (!Files.exists(file)) return;
            int first = Integer.MAX_VALUE;
            for (String line : Files.readAllLines(file)) if (!line.startsWith("#"))
                first = Math.min(first, Integer.parseInt(line.split("\t")[0]));
            until = first - 1;
        }
        StringBuilder lines = new StringBuilder();
        for (int version = low; version <= until; version++) {
            if (version < 0 || version >= schemas.length || schemas[version] == null) continue;
            Message message = null;
            ByteBuffer written = null;
            for (int attempt = 0; attempt < 50 && message == null; attempt++) {
                Struct struct = struct(schemas[version], 0);
                written = ByteBuffer.allocate(struct.sizeOf());
                struct.writeTo(written);
                written.flip();
                message = (Message) type.getConstructor().newInstance();
                message.read(new ByteBufferAccessor(written.duplicate()), (short) version);
            }
            ObjectSerializationCache cache = new ObjectSerializationCache();
            ByteBuffer again = ByteBuffer.allocate(message.size(cache, (short) version));
            message.write(new ByteBufferAccessor(again), cache, (short) version);
            again.flip();
            boolean equal = again.equals(written);
            if (!equal) System.err.println(name + " v" + version + " re-encoded differently");
            Method write = null;
            for (Method m : converter.getMethods()) if (m.getName().equals("write") && m.getParameterCount() == 3) write = m;
            JsonNode json = (JsonNode) write.invoke(null, message, (short) version, false);
            StringBuilder hex = new StringBuilder();
            ByteBuffer bytes = again.duplicate();
            while (bytes.hasRemaining()) hex.append(String.format("%02x", bytes.get()));
            lines.append(version).append('\t').append(hex).append('\t').append(new ObjectMapper().writeValueAsString(json)).append('\n');
        }
        if (lines.length() == 0) return;
        if (old.equals("-")) Files.writeString(file, "# " + producer + "\n" + lines);
        else Files.writeString(file, Files.readString(file) + "# " + producer + "\n" + lines);
    }

    static Struct struct(Schema schema, int depth) throws Exception {
        Struct struct = new Struct(schema);
        for (BoundField field : schema.fields()) {
            struct.set(field, value(field.def.type, depth));
        }
        return struct;
    }

    static Object value(Type type, int depth) throws Exception {
        if (type.getClass().getSimpleName().equals("NullableSchema")) return random.nextInt(4) == 0 ? null : struct((Schema) type, depth + 1);
        if (type instanceof Schema) return struct((Schema) type, depth + 1);
        if (type instanceof TaggedFields) {
            NavigableMap<Integer, Object> values = new TreeMap<>();
            for (Map.Entry<Integer, Field> e : fields((TaggedFields) type).entrySet()) {
                if (random.nextInt(3) == 0) continue;
                values.put(e.getKey(), value(e.getValue().type, depth));
            }
            return values;
        }
        if (type.arrayElementType().isPresent()) {
            if (type.isNullable() && random.nextInt(4) == 0) return null;
            int count = depth == 0 ? 1 + random.nextInt(2) : 1;
            Object[] values = new Object[count];
            for (int i = 0; i < count; i++) values[i] = value(type.arrayElementType().get(), depth + 1);
            return values;
        }
        if (type.isNullable() && random.nextInt(4) == 0) return null;
        String name = ((Type.DocumentedType) type).typeName();
        switch (name) {
            case "BOOLEAN": return random.nextBoolean();
            case "INT8": return (byte) random.nextInt();
            case "INT16": return (short) random.nextInt();
            case "UINT16": return random.nextInt(65536);
            case "INT32": return random.nextInt();
            case "UINT32":
            case "UNSIGNED_INT32": return random.nextInt() & 0xffffffffL;
            case "INT64": return random.nextLong();
            case "FLOAT64": return random.nextInt(1 << 20) / 8.0;
            case "UUID": return new org.apache.kafka.common.Uuid(random.nextLong(), random.nextLong());
        }
        if (name.contains("STRING")) {
            StringBuilder text = new StringBuilder();
            String letters = "abcxyzé";
            for (int i = 1 + random.nextInt(4); i > 0; i--) text.append(letters.charAt(random.nextInt(letters.length())));
            return text.toString();
        }
        byte[] bytes = new byte[1 + random.nextInt(5)];
        random.nextBytes(bytes);
        if (name.contains("RECORDS")) return records(ByteBuffer.wrap(bytes));
        if (name.contains("BYTES")) return ByteBuffer.wrap(bytes);
        throw new IllegalStateException(name);
    }

    /** Older releases do not tell the fields; none are written then. */
    @SuppressWarnings("unchecked")
    static Map<Integer, Field> fields(TaggedFields type) throws Exception {
        try {
            return (Map<Integer, Field>) TaggedFields.class.getMethod("fields").invoke(type);
        } catch (NoSuchMethodException e) {
            return Map.of();
        }
    }

    /** The class moved between releases. */
    static Object records(ByteBuffer bytes) throws Exception {
        Class<?> type;
        try {
            type = Class.forName("org.apache.kafka.common.record.MemoryRecords");
        } catch (ClassNotFoundException e) {
            type = Class.forName("org.apache.kafka.common.record.internal.MemoryRecords");
        }
        return type.getMethod("readableRecords", ByteBuffer.class).invoke(null, bytes);
    }
}
