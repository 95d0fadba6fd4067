import ApusCore
import LogStorage
import Telemetry

/// Folders of partitions that this broker does not have: of topics deleted while it was down, or moved to others. They
/// are put aside as `-stray`, as Kafka does, and removed after a delay, in which an operator may take them back.
extension LogStore {
    /// Puts aside every folder that was found at the start, is not open, and belongs to no replica of this broker.
    ///
    /// A folder that does not say whose it is has never been appended to, since its topic's id is written first.
    ///
    /// - Parameter isOwn: whether the metadata has the partition on this broker.
    func setStraysAside(random: inout some RandomNumberGenerator, isOwn: (TopicIDPartition) -> Bool) {
        for (index, place) in self.directories.enumerated() {
            for (name, folder) in place.folders.sorted(by: { $0.key < $1.key }) {
                do throws(LogError) {
                    guard try place.directory.exists(folder) else { continue }
                    // Without an id at the start it may have got one meanwhile.
                    var topicID = place.topicIDs[name]
                    if topicID == nil { topicID = try place.directory.topicID(of: folder) }
                    if let topicID {
                        let id = TopicIDPartition(topicID: topicID, partition: name.partition)
                        if isOwn(id) || self.isOpen(id) { continue }
                    }
                    try self.setAside(folder, in: index, random: &random)
                } catch {
                    self.log.error(
                        "cannot put a stray folder aside",
                        ["folder": LogValue(place.directory.path(of: folder)), "error": LogValue(error)])
                }
            }
        }
    }

    /// Gives a folder that is not open its name as a stray one. Its time begins now.
    ///
    /// - Parameter index: of the directory that it is in.
    func setAside(
        _ folder: PartitionFolder, in index: Int, random: inout some RandomNumberGenerator
    ) throws(LogError) {
        let directory = self.directories[index].directory
        let stray = try directory.rename(folder, to: .stray, id: .random(using: &random))
        self.forget(folder.partition, in: index)
        try directory.touch(stray)
        self.log.warn(
            "put a stray folder aside",
            ["folder": LogValue(directory.path(of: folder)), "now": LogValue(stray.name)])
    }

    /// Removes the folders that were put aside before `time`. Waits for the disk.
    ///
    /// - Throws: the first failed file operation; its directory was taken out of service, and the others were seen to.
    func removeStrays(before time: Timestamp) throws(LogError) {
        try self.forEachInService { (_, place) throws(LogError) in
            for folder in try place.directory.partitionFolders() where folder.state == .stray {
                guard try place.directory.modified(folder) < time else { continue }
                try place.directory.remove(folder)
                self.log.info("removed a stray folder", ["folder": LogValue(place.directory.path(of: folder))])
            }
        }
    }
}
