#include "commands/command_line.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands/options.h"
#include "core/text.h"

enum { EXIT_BAD_INPUT = 2 };

void fsbi_command_line_leave(bool aloud) {
    enum { PATIENCE = 10 };
    if (!aloud)
        sleep(PATIENCE);
    exit(EXIT_BAD_INPUT);
}

/* Says what is wrong with the command line, with the way to help, and exits. */
static void refuse(struct argp_state *state, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void refuse(struct argp_state *state, const char *format, ...) {
    char message[2 * FSBI_OVERRIDE_TEXT];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    if ((state->flags & ARGP_NO_ERRS) != 0)
        fsbi_command_line_leave(false);
    argp_error(state, "%s", message);
}

/* Adds `key`=value of the configuration; of `key` NULL: a whole assignment. */
static void add_override(fsbi_arguments *a, const char *key, const char *value,
                         struct argp_state *state) {
    if (a->override_count == FSBI_MOST_OVERRIDES) {
        refuse(state, "more than %d settings on the command line", FSBI_MOST_OVERRIDES);
        return;
    }
    if (key != NULL) {
        char *text = a->override_text[a->override_count];
        if (snprintf(text, FSBI_OVERRIDE_TEXT, "%s=%s", key, value) >= FSBI_OVERRIDE_TEXT) {
            refuse(state, "the value of %s is too long", key);
            return;
        }
        value = text;
    }
    a->overrides[a->override_count++] = value;
}

static void read_whole(const char *option, const char *text, long least, long most, long *number,
                       struct argp_state *state) {
    static const double exact = 0x1p53; /* whole numbers up to here are exact as reals */
    char *end = NULL;
    char *real_end = NULL;
    errno = 0;
    *number = strtol(text, &end, 10);
    const double real = strtod(text, &real_end); /* as in 1e5 */
    const bool is_real = real_end != text && *real_end == '\0' && fabs(real) <= exact &&
                         real == floor(real) && *end != '\0';
    if (is_real)
        *number = (long)real;
    const bool is_whole = errno == 0 && end != text && *end == '\0';
    if ((!is_whole && !is_real) || *number < least || *number > most)
        refuse(state, "%s %s: expected a whole number from %ld to %ld", option, text, least, most);
}

/* A time such as 90, 90s, 1.5m or 11h. */
static void read_time(const char *option, const char *text, double *seconds,
                      struct argp_state *state) {
    static const struct {
        const char *name;
        double seconds;
    } units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}};
    char *end = NULL;
    const double number = strtod(text, &end);
    const char *unit = end == text ? "?" : end;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (!(number > 0 && number < 1e9) || strcmp(unit, units[i].name) != 0)
            continue;
        *seconds = number * units[i].seconds;
        return;
    }
    refuse(state, "%s %s: expected a time such as 90, 90s, 15m or 11.5h", option, text);
}

/* A share such as 3/8. */
static void read_shard(const char *text, fsbi_arguments *a, struct argp_state *state) {
    enum { MOST = 1000000 };
    char *end = NULL;
    errno = 0;
    const long index = strtol(text, &end, 10);
    const bool first_read = end != text && *end == '/';
    const char *rest = first_read ? end + 1 : text;
    const long shards = first_read ? strtol(rest, &end, 10) : 0;
    if (errno != 0 || !first_read || end == rest || *end != '\0' || index < 0 || index >= shards ||
        shards > MOST) {
        refuse(state, "--shard %s: expected I/N as in 3/8, I from 0 to N - 1 and N at most %d",
               text, MOST);
        return;
    }
    a->shard = (size_t)index;
    a->shards = (size_t)shards;
}

/* Collects one more string. */
static void add_text(const char **list, size_t *count, char *text, struct argp_state *state) {
    if (*count == FSBI_DATA_MOST_CONDITIONS)
        refuse(state, "more than %d conditions", FSBI_DATA_MOST_CONDITIONS);
    else
        list[(*count)++] = text;
}

static void take_file(fsbi_arguments *a, char *file, struct argp_state *state) {
    if (a->file == NULL) {
        a->file = file;
    } else if (a->more_file_count == 0 && a->command->files > 1) {
        a->more_files = state->argv + state->next - 1;
        a->more_file_count = 1;
    } else if (a->command->many) {
        a->more_file_count++;
    } else {
        const char *names[32];
        size_t count = 0;
        for (; fsbi_commands[count] != NULL; count++)
            names[count] = fsbi_commands[count]->name;
        const char *nearest = fsbi_text_nearest(a->file, names, count);
        if (a->command->files == 1 && nearest != NULL)
            refuse(state, "there is no command '%s'; did you mean '%s'?", a->file, nearest);
        else
            refuse(state, "%s; '%s' is another one",
                   a->command->files == 1 ? "one file is enough" : "two files are enough", file);
    }
}

/* Options that give a string. */
static const char **text_option(fsbi_arguments *a, int key) {
    switch (key) {
    case FSBI_ARG_THETA:
        return &a->thetas;
    case 'o':
        return &a->output;
    case FSBI_ARG_X:
        return &a->query.x;
    case FSBI_ARG_CONFIG:
        return &a->config;
    case FSBI_ARG_START_FROM:
        return &a->initial;
    case FSBI_ARG_THETA_NAME:
        return &a->data.theta;
    case FSBI_ARG_X_NAME:
        return &a->data.x;
    case FSBI_ARG_LOW_NAME:
        return &a->data.low;
    case FSBI_ARG_HIGH_NAME:
        return &a->data.high;
    case FSBI_ARG_METRICS:
        return &a->data.metrics;
    case FSBI_ARG_AT:
        return &a->at;
    default:
        return NULL;
    }
}

/* Options that give a whole number. */
static bool number_option(fsbi_arguments *a, int key, const char *argument,
                          struct argp_state *state) {
    static const struct {
        int key;
        const char *name;
        long least, most;
    } options[] = {{FSBI_ARG_SEED, "--seed", 0, LONG_MAX},
                   {'n', "-n", 1, 1000000000000},
                   {FSBI_ARG_MAX_CANDIDATES, "--max-candidates", 1, 1000000000000},
                   {FSBI_ARG_STARTS, "--starts", 1, 1000},
                   {FSBI_ARG_ROUND, "--round", 0, 99},
                   {FSBI_ARG_ROW, "--row", 0, LONG_MAX}};
    long *const targets[] = {&a->seed,   &a->count,       &a->max_candidates,
                             &a->starts, &a->query.round, &a->row};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        if (options[i].key != key)
            continue;
        read_whole(options[i].name, argument, options[i].least, options[i].most, targets[i], state);
        return true;
    }
    return false;
}

static error_t parse_option(int key, char *argument, struct argp_state *state) {
    fsbi_arguments *a = state->input;
    const char **text = text_option(a, key);
    if (text != NULL) {
        *text = argument;
        return 0;
    }
    if (argument != NULL && number_option(a, key, argument, state))
        return 0;
    if (argument != NULL && key == FSBI_ARG_STOP_AFTER) {
        read_time("--stop-after", argument, &a->stop_after, state);
        return 0;
    }
    if (argument != NULL && key == FSBI_ARG_SHARD) {
        read_shard(argument, a, state);
        return 0;
    }
    switch (key) {
    case FSBI_ARG_EXIT_CODE:
        a->exit_code = true;
        return 0;
    case FSBI_ARG_SET:
        add_override(a, NULL, argument, state);
        return 0;
    case FSBI_ARG_CAMPAIGN_SEED:
        add_override(a, "campaign.seed", argument, state);
        return 0;
    case FSBI_ARG_FORCE_NEW:
        a->force_new = true;
        return 0;
    case FSBI_ARG_CORRELATIONS:
        a->correlations = true;
        return 0;
    case FSBI_ARG_X_RANGE:
        add_text(a->query.x_ranges, &a->query.x_range_count, argument, state);
        return 0;
    case FSBI_ARG_KEEP:
        add_text(a->data.conditions, &a->data.condition_count, argument, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* Parses files and options for a command; argp's input is the arguments. */
static error_t parse(int key, char *argument, struct argp_state *state) {
    fsbi_arguments *a = state->input;
    if (key == ARGP_KEY_INIT && a->command->settings)
        state->child_inputs[0] = a;
    if (key == ARGP_KEY_ARG) {
        take_file(a, argument, state);
        return 0;
    }
    if (key == ARGP_KEY_END &&
        (a->file == NULL || (a->command->files > 1 && a->more_file_count == 0)))
        refuse(state, a->file == NULL ? "the file is missing" : "the second file is missing");
    if (key == ARGP_KEY_END && a->command->complaint != NULL && a->command->complaint(a) != NULL)
        refuse(state, "%s", a->command->complaint(a));
    return parse_option(key, argument, state);
}

/* The options of `fit` that stand for keys of part `inference`; "batch_size" is --batch-size. */
static error_t parse_setting(int key, char *argument, struct argp_state *state) {
    const size_t index = (size_t)(key - FSBI_ARG_SETTING);
    char name[FSBI_OVERRIDE_TEXT];
    if (key < FSBI_ARG_SETTING || index >= fsbi_config_inference_keys.count)
        return ARGP_ERR_UNKNOWN;
    snprintf(name, sizeof name, "inference.%s", fsbi_config_inference_keys.keys[index].name);
    add_override(state->input, name, argument, state);
    return 0;
}

/* Settings that are about campaigns only. */
static bool is_of_campaigns(const char *name) {
    static const char *const names[] = {"warm_start", "max_candidates", "false_negatives"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* The settings as options, named as users write options; `names` is room for that. */
static void list_settings(struct argp_option *options, char (*names)[FSBI_CONFIG_NAME]) {
    size_t count = 0;
    for (size_t i = 0; i < fsbi_config_inference_keys.count; i++) {
        const fsbi_config_key *key = &fsbi_config_inference_keys.keys[i];
        if (is_of_campaigns(key->name))
            continue;
        snprintf(names[count], sizeof *names, "%s", key->name);
        for (char *c = names[count]; *c != '\0'; c++)
            *c = (char)(*c == '_' ? '-' : *c);
        options[count] = (struct argp_option){.name = names[count],
                                              .key = FSBI_ARG_SETTING + (int)i,
                                              .arg = key->fallback,
                                              .doc = key->help,
                                              .group = 3};
        count++;
    }
}

/* What the options leave to the command. */
static void complete(fsbi_arguments *a) {
    a->query.posterior = a->file;
    a->data.path = a->command->files > 1 && !a->command->many ? a->more_files[0] : a->file;
}

void fsbi_command_line_parse(const fsbi_command *command, int argc, char **argv, bool aloud,
                             fsbi_arguments *arguments) {
    enum { MOST_SETTINGS = 64 };
    struct argp_option options[MOST_SETTINGS] = {{0}};
    char names[MOST_SETTINGS][FSBI_CONFIG_NAME];
    list_settings(options, names);
    const struct argp settings = {options, parse_setting, NULL, NULL, NULL, NULL, NULL};
    const struct argp_child children[] = {
        {&settings, 0,
         "Settings, those of part 'inference' of a configuration (with defaults):", 3},
        {0}};
    const struct argp parser = {.options = command->options,
                                .parser = parse,
                                .args_doc = command->files_doc,
                                .doc = command->doc,
                                .children = command->settings ? children : NULL};
    arguments->command = command;
    arguments->seed = 1;
    arguments->max_candidates = 100000;
    arguments->starts = 10;
    arguments->query.round = -1;
    arguments->row = -1;
    argp_err_exit_status = EXIT_BAD_INPUT;
    if (argp_parse(&parser, argc, argv, aloud ? 0 : ARGP_SILENT, NULL, arguments) != 0)
        fsbi_command_line_leave(aloud);
    complete(arguments);
}
