/// The kinds of faults that a seed may choose from.
package enum FaultKind: String, CaseIterable, Hashable, Sendable {
    case kill, killWithinWrite, losePower, losePowerWithinWrite, killAll, losePowerEverywhere, killZone
    case pause, shutDown, replaceDisk, reconfigure
    case cut, cutOneWay, isolate, deafen, silence, cutZone, slowLinks
    case breakLost, breakLate, breakStalled
    case slowDisk, failReads, failWrites, failSynchronizing, fillDisk
    case slowProcessor, jumpClock
}
