import KafkaPrimitives

/// Receiving and sending through TLS.
extension FramedSocket {
    /// Plaintext put into `room`; 0 where there is none for now, or where the socket was closed by what was found.
    func receiveSecured(_ room: UnsafeMutableRawBufferPointer, _ tls: TLSSession) -> Int {
        tls.lend(from: self.lane.buffers)
        guard tls.isEstablished || self.shakeHands(tls) else { return 0 }
        let progress = tls.read(into: room)
        // Reading may have produced an answer of the protocol's own.
        if case .failed(let reason) = self.flushPipe(tls) {
            self.close(reason)
            return 0
        }
        switch progress {
        case .done(let count): return count
        case .blocked: return 0
        case .failed(let reason):
            self.close(reason)
            return 0
        }
    }

    /// Returns whether the session is established and the socket still open.
    private func shakeHands(_ tls: TLSSession) -> Bool {
        let progress = tls.handshake()
        // The last words to a peer that was refused say why.
        let flushed = self.flushPipe(tls)
        switch progress {
        case .failed(let reason):
            self.close(reason)
            return false
        case .blocked:
            if case .failed(let reason) = flushed { self.close(reason) }
            return false
        case .done:
            self.owner?.socketSecured()
            guard !self.isClosed, self.pauses.isEmpty else { return false }
            tls.lend(from: self.lane.buffers)
            return true
        }
    }

    private func flushPipe(_ tls: TLSSession) -> TLSSession.Progress {
        let progress = tls.flush(to: self.lane.buffers)
        if case .blocked = progress { self.isBlocked = true }
        return progress
    }

    func flushSecured(_ tls: TLSSession) {
        let target = self.output.unsentBytes - Self.securedBytesMax
        while true {
            switch self.flushPipe(tls) {
            case .done: break
            case .blocked: return
            case .failed(let reason):
                self.close(reason)
                return
            }
            guard tls.isEstablished, !self.output.isEmpty else { return }
            guard self.output.unsentBytes > target else {
                self.scheduleEnd()
                return
            }
            guard self.encryptMore(tls) else { return }
        }
    }

    /// Encrypts the front of the output into an empty pipe. Returns whether that went well.
    private func encryptMore(_ tls: TLSSession) -> Bool {
        let step = self.lane.scratch.flatten(self.output, limit: TLSSession.plainBytesMax, isWarm: self.warmBytes > 0)
        switch step {
        case .bytes(let bytes):
            tls.lend(from: self.lane.buffers)
            switch tls.write(bytes) {
            case .done(let count):
                self.advance(by: count)
                return true
            case .blocked:
                self.isBlocked = true
            case .failed(let reason):
                self.close(reason)
            }
        case .cold(let region):
            self.fetchFromDisk(region)
        case .failed(let reason):
            self.close(reason)
        }
        return false
    }

    /// Sends what the kernel takes at once, and the farewell.
    func finishSecured(_ tls: TLSSession) {
        while !self.output.isEmpty, tls.isEstablished {
            guard case .done = self.flushPipe(tls), self.encryptMore(tls) else { return }
        }
        guard case .done = self.flushPipe(tls) else { return }
        tls.lend(from: self.lane.buffers)
        tls.shutdown()
        _ = self.flushPipe(tls)
    }
}
