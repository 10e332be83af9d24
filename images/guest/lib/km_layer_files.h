/* What each layer of a stack changes, and what must show at its top. */
#ifndef KM_LAYER_FILES_H
#define KM_LAYER_FILES_H

/* Below `root`, which shows the layer before it (nothing for the first). */
void km_layer_write(const char *root, int layer);
/*
 * From the top of so many layers, in a layer that nothing was written to yet: each layer's file shows, an
 * upper version hides a lower one, and what a layer deleted, moved or replaced is gone. Fails the workload.
 */
void km_layer_check_below(const char *driver, const char *root, int layers);
/*
 * Changes files of the layers below: copy-up, whiteout, rename, an opaque folder. `may_refuse`: rename(2) of
 * a folder may say EXDEV, after which mv(1) copies. Each is broken on purpose by break=copy-up, whiteout,
 * rename, opaque.
 */
void km_layer_change(const char *driver, const char *root, int layers, int may_refuse);
/* All of that shows, also after the next mount. */
void km_layer_check_changed(const char *driver, const char *root, int layers);
/*
 * What lower layers have shows in a replaced folder: in words, or NULL. It doesn't end the workload where it
 * is found, since AUFS does that wherever two layers replaced the same folder (au_lkup_dentry looks past the
 * first opaque one when it sees a name for the first time): the caller ends it when all else was checked.
 */
const char *km_layer_flaw(void);

#endif
