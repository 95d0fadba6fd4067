extension MessageLayout {
    /// The fewest bytes that an element of an array can take, over all versions of `versions`.
    ///
    /// A decoder checks an array's count against the bytes left with it, before it takes memory.
    func sizeMin(of type: FieldType, in versions: VersionRange) -> Int {
        let within = versions.intersection(self.message.versions) ?? self.message.versions
        return (within.lowest...within.highest).map { self.size(of: type, version: $0, isFlexible: nil) }.min() ?? 1
    }

    private func size(of type: FieldType, version: Int16, isFlexible: Bool?) -> Int {
        let flexible = isFlexible ?? self.message.isFlexible(version)
        switch type {
        case .bool, .int8: return 1
        case .int16, .uint16: return 2
        case .int32, .uint32: return 4
        case .int64, .float64: return 8
        case .uuid: return 16
        case .string: return flexible ? 1 : 2
        case .bytes, .records, .array: return flexible ? 1 : 4
        case .structure(let name):
            guard let structure = self[name] else { return 0 }
            var size = self.message.isFlexible(version) ? 1 : 0
            for field in structure.fields where field.versions.contains(version) && field.tag == nil {
                if case .structure = field.type, field.nullable?.contains(version) == true {
                    size += 1
                } else {
                    size += self.size(of: field.type, version: version, isFlexible: field.isInflexible ? false : nil)
                }
            }
            return size
        }
    }
}
