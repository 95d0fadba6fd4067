/// Which time a record's timestamp is: `message.timestamp.type`.
package enum TopicTimestampType: String, Hashable, Sendable, CaseIterable {
    case createTime = "CreateTime"
    case logAppendTime = "LogAppendTime"
}
