/* The list of commands. */
#include <string.h>

#include "commands/command.h"

const fsbi_command *const fsbi_commands[] = {&fsbi_command_run,
                                             &fsbi_command_check,
                                             &fsbi_command_status,
                                             &fsbi_command_verify,
                                             &fsbi_command_simulate,
                                             &fsbi_command_propose,
                                             &fsbi_command_simulate_round,
                                             &fsbi_command_merge,
                                             &fsbi_command_train,
                                             &fsbi_command_metrics,
                                             &fsbi_command_portray,
                                             &fsbi_command_fit,
                                             &fsbi_command_sample,
                                             &fsbi_command_log_prob,
                                             &fsbi_command_mode,
                                             NULL};

const fsbi_command *fsbi_command_find(const char *name) {
    for (size_t i = 0; fsbi_commands[i] != NULL; i++)
        if (strcmp(fsbi_commands[i]->name, name) == 0)
            return fsbi_commands[i];
    return NULL;
}

fsbi_setup_source fsbi_arguments_source(const fsbi_arguments *arguments) {
    return (fsbi_setup_source){arguments->file, arguments->overrides, arguments->override_count};
}
