/// The version of this program, as it tells its peers and its operators.
package enum ApusVersion {
    package static let current = "0.1.0"
}
