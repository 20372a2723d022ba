/* OpenBLAS makes its threads when it is loaded, before main: on a node with 64 ranks, thousands.
 * Only the environment can tell it not to, so the program starts itself again with that said. The
 * linker calls what stands in .preinit_array before any library's constructors. */
#include <string.h>
#include <unistd.h>

enum { PATH = 4096, MOST_VARIABLES = 4096 };

static const char name[] = "OPENBLAS_NUM_THREADS=";
static char setting[] = "OPENBLAS_NUM_THREADS=1";

static int is_setting(const char *variable) {
    return strncmp(variable, name, sizeof name - 1) == 0;
}

static void start_with_one_thread(int argc, char **argv, char **environment) {
    char path[PATH];
    char *variables[MOST_VARIABLES] = {setting};
    size_t count = 1;
    (void)argc;
    for (char **variable = environment; *variable != NULL; variable++) {
        if (strcmp(*variable, setting) == 0 || count + 1 == MOST_VARIABLES)
            return;
        if (!is_setting(*variable))
            variables[count++] = *variable;
    }
    const ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    if (length <= 0)
        return;
    path[length] = '\0';
    execve(path, argv, variables); /* if it fails, there are more threads */
}

__attribute__((section(".preinit_array"),
               used)) static void (*const before_libraries)(int, char **,
                                                            char **) = start_with_one_thread;
