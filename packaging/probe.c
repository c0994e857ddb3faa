/* What is started in an empty root: says who it is and what it was given.
 *
 *     probe VARIABLE [STATUS | wait]
 *
 * Prints its process number, its user and the variable; then ends with the status, or waits for SIGTERM and
 * ends with 42 when it has heard that itself. Static, since there is nothing else there.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void heard(int signal) {
    (void)signal;
    _exit(42);
}

int main(int count, char **words) {
    const char *value = count > 1 ? getenv(words[1]) : NULL;

    signal(SIGTERM, heard);
    printf("pid %d uid %d: %s\n", (int)getpid(), (int)getuid(), value ? value : "(not set)");
    fflush(stdout);
    if (count < 3)
        return 0;
    if (strcmp(words[2], "wait"))
        return atoi(words[2]);
    for (;;)
        pause();
}
