/*
 * What runs beside a workload, by load= (names with commas between): cpu, one busy process; memory, one that
 * touches memory until little is left for others, and gives some back where it gets less; churn, containers
 * with moby#407's ingredients (km_pidns.h), one after another: from the leader where ingredients=0.
 */
#ifndef KM_LOAD_H
#define KM_LOAD_H

#define KM_LOADS 3

/* Starts what load= names: nothing by default. km_pidns_image() is in main() then. */
void km_load_start(void);
/* Ends the workload as a process of the load ended: it never does of itself but by failing. */
void km_load_check(void);
void km_load_stop(void);
/* 1 unless ingredients=0. */
int km_load_has_ingredients(void);

#endif
