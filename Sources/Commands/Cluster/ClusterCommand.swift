import CommandLineArguments
import Foundation
import Glibc
import LocalCluster

/// `apus cluster`: a cluster of processes on this machine.
enum ClusterCommand {
    static var command: Command {
        Command(
            CommandDeclaration(
                "cluster", "Run a cluster of several nodes on this machine.",
                discussion: """
                    Each node is a process of its own in a zone of its own; its configuration, log and data are below \
                    the folder, and stay there when the cluster is stopped.
                    """,
                commands: [
                    self.upDeclaration, self.downDeclaration, self.statusDeclaration, self.killDeclaration,
                    self.restartDeclaration,
                ],
                examples: ["apus cluster up --nodes 3", "apus cluster kill 1", "apus cluster restart 1"])
        ) { parsed, terminal in
            switch parsed.path.last {
            case "up": return try self.up(parsed, terminal)
            case "down": return try self.down(parsed, terminal)
            case "status": return try ClusterStatus.show(self.open(parsed), parsed, terminal)
            case "kill": return try self.kill(parsed, terminal)
            case "restart": return try self.restart(parsed, terminal)
            default: preconditionFailure("the parser accepts only declared commands")
            }
        }
    }

    static let directory = ".local/cluster"

    static let programOption = OptionDeclaration(
        "--program", value: "FILE", completion: .files,
        "The broker's program; this one where not given. It must know 'storage format' and 'server'.")

    private static let directoryOption = OptionDeclaration(
        "--dir", short: "-d", value: "DIR", completion: .directories,
        "The cluster's folder; \(ClusterCommand.directory) where not given.")

    private static let node = OperandDeclaration("NODE", "The node's number, from 0.")

    private static let upDeclaration = CommandDeclaration(
        "up", "Start the cluster, and make it first where there is none.",
        options: [
            OptionDeclaration(
                "--nodes", short: "-n", value: "COUNT", "How many nodes a new cluster has; 3 where not given."),
            OptionDeclaration(
                "--port", value: "PORT",
                "Node i of a new cluster serves clients on PORT + i; 19092 where not given. It also uses PORT + 100 + i "
                    + "and PORT + 200 + i."),
            OptionDeclaration(
                "--config", short: "-c", value: "NAME=VALUE", repeated: true, "A broker setting of a new cluster."),
            ClusterCommand.directoryOption, ClusterCommand.programOption,
        ])

    private static let downDeclaration = CommandDeclaration(
        "down", "Stop all nodes in an orderly way. Their data stay.", options: [ClusterCommand.directoryOption])

    private static let statusDeclaration = CommandDeclaration(
        "status", "Show the nodes, what they use and what their zones lead.",
        discussion: """
            'At risk' counts the partitions that would refuse acks=all if the node's zone were lost. What the cluster does \
            not tell, because none of its brokers answers, stays empty.
            """,
        options: [ClusterCommand.directoryOption, ClientSession.jsonOption])

    private static let killDeclaration = CommandDeclaration(
        "kill", "End a node with kill -9, as a crash would.", options: [ClusterCommand.directoryOption],
        operands: [ClusterCommand.node])

    private static let restartDeclaration = CommandDeclaration(
        "restart", "Start a node again; one that runs is stopped first.",
        options: [ClusterCommand.directoryOption, ClusterCommand.programOption], operands: [ClusterCommand.node])

    /// The program that nodes run: this one, unless another is named.
    static func program(_ parsed: ParsedCommand) throws -> String {
        if let program = parsed.value("--program") { return program }
        do {
            return try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        } catch {
            throw CommandFailure("cannot tell where this program is: \(error)")
        }
    }

    /// A folder as nodes need it, wherever they run: from the root.
    static func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : "\(FileManager.default.currentDirectoryPath)/\(path)"
    }

    private static func folder(_ parsed: ParsedCommand) -> String {
        self.absolute(parsed.value("--dir") ?? self.directory)
    }

    private static func open(_ parsed: ParsedCommand) throws -> LocalCluster {
        try LocalCluster(opening: self.folder(parsed), program: self.program(parsed))
    }

    private static func up(_ parsed: ParsedCommand, _ terminal: Terminal) throws -> Int32 {
        let folder = self.folder(parsed)
        let cluster: LocalCluster
        if FileManager.default.fileExists(atPath: "\(folder)/cluster.json") {
            cluster = try self.open(parsed)
        } else {
            let nodes = try parsed.integer("--nodes", least: 1) ?? 3
            let port = try parsed.integer("--port", least: 1024) ?? 19092
            guard nodes <= 99 else { throw parsed.invalid("--nodes", "1 to 99") }
            guard port <= 65_000 else { throw parsed.invalid("--port", "1024 to 65000") }
            let layout = ClusterLayout(
                nodeCount: nodes, firstPort: port, clusterID: RandomUUID.next(),
                extraProperties: parsed.values("--config"))
            cluster = try LocalCluster(creating: layout, in: folder, program: self.program(parsed))
        }
        for node in cluster.nodes { try cluster.start(node) }
        try ClusterReadiness.wait(for: cluster)
        terminal.line("\(cluster.layout.nodeCount) nodes run; bootstrap servers: \(cluster.layout.bootstrapServers)")
        return 0
    }

    private static func down(_ parsed: ParsedCommand, _ terminal: Terminal) throws -> Int32 {
        let cluster = try self.open(parsed)
        cluster.stop(cluster.nodes)
        terminal.line("all nodes are stopped")
        return 0
    }

    private static func kill(_ parsed: ParsedCommand, _ terminal: Terminal) throws -> Int32 {
        let (cluster, node) = (try self.open(parsed), try self.node(parsed))
        try cluster.kill(node)
        terminal.line("node \(node) is dead")
        return 0
    }

    private static func restart(_ parsed: ParsedCommand, _ terminal: Terminal) throws -> Int32 {
        let (cluster, node) = (try self.open(parsed), try self.node(parsed))
        if cluster.process(of: node) != nil { cluster.stop([node]) }
        try cluster.start(node)
        try ClusterReadiness.wait(for: cluster)
        terminal.line("node \(node) runs")
        return 0
    }

    private static func node(_ parsed: ParsedCommand) throws -> Int {
        guard let text = parsed.operands.first, let node = Int(text) else {
            throw CommandFailure("'\(parsed.operands.first ?? "")' is not the number of a node")
        }
        return node
    }
}
