import Commands
import Glibc

exit(ApusProgram.run(Array(CommandLine.arguments.dropFirst())))
