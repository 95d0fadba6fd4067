import ApusCore
import FileSystem
import KafkaPrimitives

/// Says that a log was cut below the recovery point that the log directory's checkpoint may still name.
///
/// Until everything up to that point is durable again, the checkpoint must not be believed: a crash would leave records
/// unread that were appended after the cut. Kafka writes all of the directory's recovery points anew at each truncation;
/// a small file in the partition's folder, which Kafka passes over, does the same for one log at a time.
///
/// Shape: as the checkpoints, with one line `recoveryPoint ceiling`.
struct LoweredRecoveryPoint: Hashable, Sendable {
    /// Everything below was durable when the log was cut.
    var recoveryPoint: Offset
    /// The largest recovery point that the checkpoint may name.
    var ceiling: Offset

    static let name = "lowered-recovery-point"
    private static let bytesMax = 4096

    /// What the folder's file says, or nil where there is none. Where it cannot be read, nothing is durable for sure.
    static func read(folder: String, _ fileSystem: FileSystemPort) throws(FileSystemError) -> LoweredRecoveryPoint? {
        guard let bytes = try fileSystem.contents(of: "\(folder)/\(Self.name)", maxBytes: Self.bytesMax) else {
            return nil
        }
        guard let line = CheckpointText.decode(bytes)?.first, line.count == 2, let recoveryPoint = Int64(line[0]),
            let ceiling = Int64(line[1])
        else { return LoweredRecoveryPoint(recoveryPoint: 0, ceiling: Offset(.max)) }
        return LoweredRecoveryPoint(recoveryPoint: Offset(recoveryPoint), ceiling: Offset(ceiling))
    }

    /// Replaces the file; it survives a power loss when this returns.
    func write(folder: String, _ fileSystem: FileSystemPort) throws(FileSystemError) {
        try fileSystem.replaceContents(
            of: "\(folder)/\(Self.name)", with: CheckpointText.encode(["\(self.recoveryPoint) \(self.ceiling)"]))
    }

    static func remove(folder: String, _ fileSystem: FileSystemPort) throws(FileSystemError) {
        try fileSystem.removeIfPresent("\(folder)/\(Self.name)")
    }
}

extension PartitionLog {
    /// Brings the recovery point down to the log's end, and lets the folder say so for as long as the directory's
    /// checkpoint may say otherwise. Waits for the disk where it does go down.
    func lowerRecoveryPoint() throws(LogError) {
        guard self.recoveryPoint > self.logEndOffset else { return }
        let lowered = LoweredRecoveryPoint(
            recoveryPoint: min(self.logEndOffset, self.lowered?.recoveryPoint ?? self.logEndOffset),
            ceiling: max(self.recoveryPoint, self.lowered?.ceiling ?? self.recoveryPoint))
        try LogError.storage { () throws(FileSystemError) in try lowered.write(folder: self.folder, self.fileSystem) }
        self.lowered = lowered
        self.recoveryPoint = self.logEndOffset
    }

    /// Removes what the folder says once the checkpoint is right again, whatever it names.
    func forgetLoweredRecoveryPoint() throws(LogError) {
        guard let lowered = self.lowered, self.recoveryPoint >= lowered.ceiling else { return }
        try LogError.storage { () throws(FileSystemError) in
            try LoweredRecoveryPoint.remove(folder: self.folder, self.fileSystem)
        }
        self.lowered = nil
    }
}
