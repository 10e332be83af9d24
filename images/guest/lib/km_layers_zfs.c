/* ZFS is in no kernel of kernel.org's or Debian's; a module of one's own would need its tools in the
 * userland, too. */
#include "km.h"
#include "km_layers.h"

__attribute__((noreturn)) static void open_zfs(const struct km_layers *driver, const char *folder, long mib) {
    (void)driver;
    (void)folder;
    (void)mib;
    km_unsupported("zfs: no userland has the tools that make a pool");
}

const struct km_layers km_layers_zfs = {
    .name = "zfs", .filesystem = "zfs", .kind = KM_LAYERS_WHOLE, .open = open_zfs};
