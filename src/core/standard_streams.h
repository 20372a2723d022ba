/** Standard input, output and error of the process, as they were given to it. */
#ifndef FSBI_CORE_STANDARD_STREAMS_H
#define FSBI_CORE_STANDARD_STREAMS_H

/**
 * Call before anything is opened. Opens /dev/null for those of descriptors 0 to 2 that are closed:
 * otherwise a data file would get their number, and the program's texts. From then on the program
 * ends with `exit_status`, and says so, if its text could not be written to standard output. A
 * reader that went away (`| head`) is no failure. Writing beyond a limit (ulimit -f) fails, and
 * does not kill.
 */
void fsbi_standard_streams_guard(int exit_status);

#endif
