#include "km_apt.h"

#include "km.h"
#include "km_command.h"
#include "km_dpkg.h"
#include "km_file.h"
#include "km_kill_dpkg.h"
#include "km_userland.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOTED_LINES 100
#define AFTERWARDS_SECONDS 30

/* Everything comes from the disk, and nobody is there to be asked. */
static const char *const configuration =
    "APT::Get::Assume-Yes \"true\";\n"
    "APT::Install-Recommends \"false\";\n"
    "APT::Sandbox::User \"root\";\n" /* _apt can't be dropped to where root is all there is of a machine */
    "Acquire::Languages \"none\";\n"
    "Dir::Etc::SourceParts \"/dev/null\";\n" /* the userland's own mirrors */
    "Dpkg::Use-Pty \"false\";\n"
    "quiet \"1\";\n";

enum want { NOTHING, FIRST, RAISED, GONE };

/* `suite` is written to sources.list before; a command that names packages gets them all. */
static const struct step {
    const char *name, *suite, *command;
    int names_packages;
    enum want want;
} steps[] = {
    {"update", "first", "update", 0, NOTHING},   {"install", NULL, "install", 1, FIRST},
    {"refresh", "raised", "update", 0, NOTHING}, {"upgrade", NULL, "upgrade", 0, RAISED},
    {"purge", NULL, "purge", 1, GONE},
};

static struct km_package packages[KM_PACKAGES_MAX];
static int package_count;
static struct km_log whole, log_of_step, checks;

static char what[260]; /* the first thing that is wrong, as the functions that return 1 then leave it */

__attribute__((format(printf, 1, 2))) static int wrong(const char *format, ...) {
    va_list list;
    va_start(list, format);
    vsnprintf(what, sizeof what, format, list);
    va_end(list);
    return 1;
}

static int command_wrong(const char *name, int status, const struct km_log *log, struct km_apt *apt) {
    struct km_victim victim = {"", 0, 0};
    if (WIFSIGNALED(status)) {
        apt->signal = WTERMSIG(status);
        return wrong("%s was killed by signal %d (%s)", name, apt->signal, strsignal(apt->signal));
    }
    if (WEXITSTATUS(status) == 0)
        return 0;
    if (km_log_victim(log->text, &victim)) {
        apt->signal = victim.signal;
        if (!victim.is_told)
            return wrong("%s was killed, by a signal that %s doesn't name; that ended with status %d",
                         victim.name, name, WEXITSTATUS(status));
        return wrong("%s was killed by signal %d (%s), %s ended with status %d", victim.name, victim.signal,
                     strsignal(victim.signal), name, WEXITSTATUS(status));
    }
    return wrong("%s ended with status %d: %s", name, WEXITSTATUS(status), km_log_tail(log, 3));
}

static int run_check(char *const *words, struct km_apt *apt, int is_silent) {
    km_log_begin(&checks, NULL);
    int status = km_command(words, &checks, 0);
    if (command_wrong(words[0], status, &checks, apt))
        return 1;
    if (is_silent && checks.used > 0)
        return wrong("%s %s says: %s", words[0], words[1], km_log_tail(&checks, 3));
    return 0;
}

static int versions_wrong(enum want want) {
    char found[100];
    for (int i = 0; i < package_count; i++) {
        const char *wanted = want == FIRST ? packages[i].first : want == RAISED ? packages[i].raised : "";
        km_dpkg_version(packages[i].name, found, sizeof found);
        if (strcmp(found, wanted))
            return wrong("%s has version %s, not %s", packages[i].name, found[0] ? found : "none",
                         wanted[0] ? wanted : "none");
    }
    return 0;
}

static int files_wrong(struct km_apt *apt) {
    static char paths[KM_PACKAGES_MAX][80];
    char *words[KM_PACKAGES_MAX + 4] = {"sha256sum", "--check", "--quiet"};
    for (int i = 0; i < package_count; i++) {
        snprintf(paths[i], sizeof paths[i], "/kmatrix/sums/%s", packages[i].name);
        words[i + 3] = paths[i];
    }
    return run_check(words, apt, 1);
}

static int left_wrong(void) {
    char left[300];
    for (int i = 0; i < package_count; i++)
        if (km_dpkg_left(packages[i].name, left, sizeof left))
            return wrong("%s was purged, and %s is still there", packages[i].name, left);
    return 0;
}

static int state_wrong(enum want want, struct km_apt *apt) {
    static char *audit[] = {"dpkg", "--audit", NULL};
    char unclean[200];
    if (run_check(audit, apt, 1))
        return 1;
    if (km_dpkg_unclean(unclean, sizeof unclean))
        return wrong("a package is left half done: %s", unclean);
    return versions_wrong(want) || (want == GONE ? left_wrong() : files_wrong(apt));
}

static void write_sources(const char *suite) {
    char line[160];
    snprintf(line, sizeof line, "deb [signed-by=/kmatrix/repository.gpg] file:/kmatrix/repository %s main\n",
             suite);
    km_must(km_write_new("/etc/apt/sources.list", line), "write sources.list");
}

/* apt before 1.1 knows no signed-by=, and passes over it. */
static void trust_repository(void) {
    km_must(symlink("/kmatrix/repository.gpg", "/etc/apt/trusted.gpg.d/kmatrix.gpg"), "trust the repository");
}

static int step_wrong(const struct step *step, struct km_apt *apt) {
    char *words[KM_PACKAGES_MAX + 3] = {"apt-get", (char *)step->command};
    char sample[48], record[60];
    double began = km_now();
    if (step->suite)
        write_sources(step->suite);
    for (int i = 0; step->names_packages && i < package_count; i++)
        words[i + 2] = packages[i].name;
    km_log_begin(&log_of_step, NULL);
    int status = km_command(words, &log_of_step, 0);
    km_log_add(&whole, log_of_step.text, log_of_step.used);
    double seconds = km_now() - began;
    snprintf(sample, sizeof sample, "apt-%s-seconds", step->name);
    km_sample(sample, seconds);
    snprintf(record, sizeof record, "%s%s %.1f s", apt->record[0] ? ", " : "", step->name, seconds);
    strncat(apt->record, record, sizeof apt->record - strlen(apt->record) - 1);
    return command_wrong("apt-get", status, &log_of_step, apt) ||
           (step->want != NOTHING && state_wrong(step->want, apt));
}

/* By dpkg-query, which reads what a dpkg that was killed hadn't put into its list yet. */
static void note_unclean(const struct km_apt *apt) {
    static char *query[] = {"dpkg-query", "-W", "-f", "${Status}\\t${Package} ${Version}\\n", NULL};
    char status[80];
    km_log_begin(&checks, NULL);
    km_command(query, &checks, AFTERWARDS_SECONDS);
    for (const char *at = checks.text; *at;) {
        size_t length = strcspn(at, "\n"), tab = strcspn(at, "\t\n");
        snprintf(status, sizeof status, "%.*s", (int)tab, at);
        if (!km_dpkg_is_clean(status))
            km_note("dpkg[%d]: %.*s: %s", apt->number, (int)(length > tab ? length - tab - 1 : 0),
                    length > tab ? at + tab + 1 : "", status);
        at += length + (at[length] == '\n');
    }
}

/* The log first: after an oops anything that is asked for may hang. */
static void tell(const struct km_apt *apt) {
    static char *audit[] = {"dpkg", "--audit", NULL};
    char start[24];
    snprintf(start, sizeof start, "apt[%d]: ", apt->number);
    km_note("%s%s", start, apt->reason);
    km_log_notes(&whole, start, NOTED_LINES);
    km_log_begin(&checks, NULL);
    km_command(audit, &checks, AFTERWARDS_SECONDS);
    snprintf(start, sizeof start, "audit[%d]: ", apt->number);
    km_log_notes(&checks, start, NOTED_LINES);
    note_unclean(apt);
}

void km_apt_run(struct km_apt *apt, int is_killed) {
    package_count = km_userland_packages("", packages);
    km_must(km_write_new("/etc/apt/apt.conf.d/zz-kmatrix", configuration), "write apt's configuration");
    trust_repository();
    km_log_begin(&whole, KM_APT_LOG);
    for (unsigned i = 0; i < sizeof steps / sizeof *steps; i++) {
        if (is_killed && steps[i].want == FIRST)
            km_kill_dpkg(packages[0].name);
        if (!step_wrong(&steps[i], apt))
            continue;
        double now = km_now();
        snprintf(apt->reason, sizeof apt->reason,
                 "container %d, %s, %.1f s after its start (%.1f s after the workload's): %s", apt->number,
                 steps[i].name, now - apt->began, now - apt->origin, what);
        tell(apt);
        return;
    }
}
