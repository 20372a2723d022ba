/** Parsing what is typed. */
#ifndef FSBI_COMMANDS_COMMAND_LINE_H
#define FSBI_COMMANDS_COMMAND_LINE_H

#include "commands/command.h"

/** Parses the options of a command, argv[0] being its name; speaks only if `aloud`. Exits for
 * --help and after an error. */
void fsbi_command_line_parse(const fsbi_command *command, int argc, char **argv, bool aloud,
                             fsbi_arguments *arguments);

/** Ends the program because its command line is wrong. A process that is not `aloud` waits for the
 * one that is: a launcher ends all as soon as one has failed, and the message must be out by then.
 */
void fsbi_command_line_leave(bool aloud) __attribute__((noreturn));

#endif
