/*
 * A kernel module that is bad on command: the known-bad controls of a run. A word written to
 * /proc/kmatrix_bad makes the kernel really fail in the way named; if the harness doesn't see it, no verdict
 * of that run counts.
 *
 *   d_hash_and_lookup  faults inside d_hash_and_lookup(): its directory is a dentry in memory that was given
 * back mntput             faults inside mntput() (mntput_no_expire() where that is not inlined), likewise
 *   freeze             every CPU spins with interrupts off, for ever
 *   soft-lockup        one CPU spins without a schedule, for ever
 *   hung               the writer sleeps uninterruptibly, for ever
 *   warn               one WARN_ON
 *
 * Memory that was given back: a page range of vmalloc's whose mapping is removed at once, so that the first
 * read faults on any configuration. A freed slab object would only fault with poisoning on.
 */
#include <linux/completion.h>
#include <linux/dcache.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/mount.h>
#include <linux/preempt.h>
#include <linux/proc_fs.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/version.h>
#include <linux/vmalloc.h>

#define NAME "kmatrix_bad"

/* vfree() unmaps lazily; vm_unmap_aliases() flushes what it has put off, here and on the other CPUs. */
static void *released_object(void) {
    void *object = vmalloc(4 * PAGE_SIZE);

    if (!object)
        return NULL;
    memset(object, 0, 4 * PAGE_SIZE);
    vfree(object);
    vm_unmap_aliases();
    /* not the first byte: container_of() in the callee must stay inside */
    return (char *)object + PAGE_SIZE;
}

static int fault_in_d_hash_and_lookup(void) {
    struct dentry *directory = released_object();
    struct qstr name = {.name = (const unsigned char *)"kmatrix", .len = 7};

    if (!directory)
        return -ENOMEM;
    /* reads dir->d_flags (or dir->d_op, older) before anything else */
    pr_info(NAME ": d_hash_and_lookup() returned %p\n", d_hash_and_lookup(directory, &name));
    return -EIO;
}

static int fault_in_mntput(void) {
    struct vfsmount *mount = released_object();

    if (!mount)
        return -ENOMEM;
    mntput(mount);
    pr_info(NAME ": mntput() returned\n");
    return -EIO;
}

static void spin_without_interrupts(void *unused) {
    local_irq_disable();
    for (;;)
        cpu_relax();
}

static int freeze(void) {
    /* without waiting: the other CPUs never answer */
    smp_call_function(spin_without_interrupts, NULL, 0);
    spin_without_interrupts(NULL);
    return -EIO;
}

static int soft_lockup(void) {
    preempt_disable();
    for (;;)
        cpu_relax();
    return -EIO;
}

static int hang(void) {
    DECLARE_COMPLETION_ONSTACK(never);

    wait_for_completion(&never);
    return -EIO;
}

static int warn(void) {
    WARN_ON(1);
    return 0;
}

static const struct {
    const char *word;
    int (*act)(void);
} commands[] = {
    {"d_hash_and_lookup", fault_in_d_hash_and_lookup},
    {"mntput", fault_in_mntput},
    {"freeze", freeze},
    {"soft-lockup", soft_lockup},
    {"hung", hang},
    {"warn", warn},
};

static ssize_t on_write(struct file *file, const char __user *text, size_t length, loff_t *at) {
    char word[32];
    unsigned int i;
    int error;

    if (length == 0 || length >= sizeof(word))
        return -EINVAL;
    if (copy_from_user(word, text, length))
        return -EFAULT;
    word[length] = 0;
    if (word[length - 1] == '\n')
        word[length - 1] = 0;
    for (i = 0; i < ARRAY_SIZE(commands); i++) {
        if (strcmp(word, commands[i].word))
            continue;
        error = commands[i].act();
        return error ? error : (ssize_t)length;
    }
    return -EINVAL;
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 6, 0)
static const struct proc_ops operations = {.proc_write = on_write};
#else
static const struct file_operations operations = {.owner = THIS_MODULE, .write = on_write};
#endif

static int __init bad_init(void) {
    return proc_create(NAME, 0200, NULL, &operations) ? 0 : -ENOMEM;
}

static void __exit bad_exit(void) {
    remove_proc_entry(NAME, NULL);
}

module_init(bad_init);
module_exit(bad_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Fails on command, to show that failures are seen");
