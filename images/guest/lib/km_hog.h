#ifndef KM_HOG_H
#define KM_HOG_H

/*
 * Touches memory for ever, until some 60 MiB are left for everybody else, and gives back where there is less:
 * so that it takes part in every reclaim without being why somebody is killed. What it touches is in a child
 * that the OOM killer takes first, and which is begun anew then.
 */
void km_hog(void) __attribute__((noreturn));

#endif
