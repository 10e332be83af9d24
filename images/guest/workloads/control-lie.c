/*
 * Known-bad control: claims success and did nothing, whatever number of iterations was asked for. The harness
 * must not take the word `passed` for it.
 */
#include "km.h"

int main(int argc, char **argv) {
    km_args(argc, argv);
    return 0;
}
