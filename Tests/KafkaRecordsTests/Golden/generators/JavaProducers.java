import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.header.internals.*;
import org.apache.kafka.common.serialization.*;
import java.util.*;
public class JavaProducers {
  static byte[] b(String s){return s.getBytes();}
  static ProducerRecord<byte[],byte[]> rec(String topic,int i){
    byte[] key=i%4==0?null:b("key-"+i);
    byte[] value=i%7==6&&i%4!=0?null:b(("value-"+i+"-").repeat(1+i%5));
    RecordHeaders h=new RecordHeaders();
    if(i%3==0){h.add("h",b("x"+i));h.add("empty",new byte[0]);h.add("null",null);}
    return new ProducerRecord<>(topic,0,1700000000000L+i*10-(i%2)*5,key,value,h);
  }
  static KafkaProducer<byte[],byte[]> producer(String codec,String txn){
    Properties p=new Properties();
    p.put("bootstrap.servers","127.0.0.1:9092");p.put("compression.type",codec);p.put("linger.ms","500");p.put("batch.size","100000");
    p.put("enable.idempotence",txn==null&&!codec.equals("zstd")?"false":"true");
    if(txn!=null)p.put("transactional.id",txn);
    return new KafkaProducer<>(p,new ByteArraySerializer(),new ByteArraySerializer());
  }
  public static void main(String[] a)throws Exception{
    for(String c:new String[]{"none","gzip","snappy","lz4","zstd"})
      try(var p=producer(c,null)){ p.partitionsFor("java-"+c); for(int i=0;i<40;i++)p.send(rec("java-"+c,i));p.flush(); }
    try(var p=producer("none","txn-a");var q=producer("lz4","txn-b")){
      p.initTransactions();q.initTransactions();
      String t="java-transactions";
      p.beginTransaction();q.beginTransaction();
      for(int i=0;i<3;i++)p.send(rec(t,i)); p.flush();
      for(int i=3;i<6;i++)q.send(rec(t,i)); q.flush();
      p.commitTransaction(); q.abortTransaction();
      p.beginTransaction(); for(int i=6;i<8;i++)p.send(rec(t,i)); p.flush(); p.abortTransaction();
      q.beginTransaction(); for(int i=8;i<10;i++)q.send(rec(t,i)); q.flush();
      // q is left open
      System.out.println("ok");Runtime.getRuntime().halt(0);
    }
  }
}
