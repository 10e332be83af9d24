/*
 * apt-get in a container: packages installed, upgraded and purged, each step checked from inside. For the
 * container's init, with the userland as its / (km_enter) and km_command_prepare() done.
 */
#ifndef KM_APT_H
#define KM_APT_H

#define KM_APT_LOG "/var/log/kmatrix-apt.log" /* in the container's root */

struct km_apt {
    int number;           /* of the container */
    double began, origin; /* the container's start and the workload's, by km_now() */
    /* With what killed a process of it, or 0; and where and why it ended. Empty: all went well. */
    int signal;
    char reason[360];
    char record[300]; /* the seconds of each step */
};

/* Runs all steps, or up to the first thing that is wrong: then that is noted, with the log. */
void km_apt_run(struct km_apt *apt, int is_killed);

#endif
