/* Processes that use a mount: each has its working folder there, and reads and writes files in it. */
#ifndef KM_USERS_H
#define KM_USERS_H

/* Returns once each has done its first round. `file` is one that they read, with `text` in it. */
void km_users_start(const char *root, const char *file, const char *text);
/* Waits until each has done two more rounds: they work. Fails the workload where one does not. */
void km_users_check(void);
/* Ends them; fails the workload if one found something else than it wrote. */
void km_users_stop(void);

#endif
