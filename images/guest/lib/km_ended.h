/* Ends of children as something that poll(2) can wait for beside other things. */
#ifndef KM_ENDED_H
#define KM_ENDED_H

/* A descriptor that can be read from once a child has ended; -1 with errno. Call it once, before any child.
 */
int km_ended_pipe(void);
/* Takes what is in there; call it before the waitpid(2) that goes with it. */
void km_ended_drain(int fd);

#endif
