/*
 * What a kernel needs of a processor, once through: real mode, protected mode, long mode with paging, user mode, a timer interrupt;
 * then a loop against the clock. It is its own firmware (-bios) and says on QEMU's debug port which stage it came to, one line each;
 * harness/vm/run-probe-guest.ts reads them. Built by harness/vm/probe-guest.ts.
 *
 * The loop is what hosts differ in. Straight code runs at full speed on a processor whose paging is shadowed, nested or emulated,
 * and no kernel boots there in an hour: each fault, each change of a page table and each change of rings costs such a host
 * thousands of cycles or more. So a page's turn is what a process does to a kernel all day: touch it, which faults into ring 0;
 * have it mapped; fill it; and have it unmapped again by a system call, with invlpg, and CR3 loaded anew every 16 pages. Where paging
 * is the processor's own that is a few microseconds for 16 pages; TCG translates each access and takes some 20. A port read leaves
 * the guest altogether: 2 us on a good host, 50 and more on a nested one that boots kernels well all the same, so there are few.
 */

        .set    image, 0x10000          /* where it runs, and its segment in real mode << 4; probe.ld agrees */
        .set    rom, 0xffff0000         /* where the processor starts it */
        .set    tables, 0x20000         /* PML4, PDPT, PD and the pages' PT, 4 KiB each */
        .set    page_table, tables + 0x3000
        .set    idt, 0x24000
        .set    tss, 0x25000
        .set    frames, 0x30000         /* 32 of them take turns behind 16 pages, so that no mapping is right by chance */
        .set    frame_count, 32
        .set    user_stack, 0x70000
        .set    syscall_stack, 0x78000
        .set    kernel_stack, 0x80000
        .set    pages, 0x200000         /* past what is mapped from the start */
        .set    page_count, 16
        .set    apic, 0xfee00000

        .set    rounds, 7
        .set    iterations, 200         /* of all pages, in a round */
        .set    port_read_every, 50

        .set    words_port, 0xe9
        .set    exit_port, 0xf4
        .set    well, 0x2a
        .set    badly, 0x2b

        .set    code32, 0x08            /* selectors; SYSCALL and SYSRET want this order from code64 on */
        .set    code64, 0x10
        .set    data, 0x18
        .set    user32, 0x20
        .set    user_data, 0x28 | 3
        .set    user64, 0x30 | 3
        .set    task, 0x38

/* The same bytes in every mode. Takes al. */
.macro say word
        .irpc   letter, \word
        .byte   0xb0                    /* movb $letter, %al, which gas won't read in a macro */
        .ascii  "\letter"
        outb    %al, $words_port
        .endr
        movb    $'\n', %al
        outb    %al, $words_port
.endm

.macro end_with value
        movb    $\value, %al
        outb    %al, $exit_port
        cli
        hlt
.endm

.macro set_msr number, high, low
        movl    $\number, %ecx
        movl    $\high, %edx
        movl    $\low, %eax
        wrmsr
.endm

        .section .probe, "ax"
        .code16
real:
        cli
        cld
        say     real
        lgdtl   %cs:(rom_gdt - image)
        movl    %cr0, %eax
        orb     $1, %al
        movl    %eax, %cr0
        ljmpl   $code32, $(rom + protected - image)

        .code32
protected:
        movw    $data, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movl    $rom, %esi
        movl    $image, %edi
        movl    $0x4000, %ecx
        rep movsl
        lgdtl   ram_gdt
        ljmpl   $code32, $in_memory
in_memory:
        say     protected
        /* SVR: enabled, spurious vector 0xff; LINT0: what the 8259 says */
        movl    $0x1ff, apic + 0xf0
        movl    $0x700, apic + 0x350

        movl    $tables, %edi
        xorl    %eax, %eax
        movl    $0x1800, %ecx
        rep stosl
        /* present, writable, user; the first 2 MiB are one page */
        movl    $(tables + 0x1000 + 7), tables
        movl    $(tables + 0x2000 + 7), tables + 0x1000
        movl    $0x87, tables + 0x2000
        movl    $(page_table + 7), tables + 0x2008

        movl    %cr4, %eax
        orl     $0x20, %eax             /* PAE */
        movl    %eax, %cr4
        movl    $tables, %eax
        movl    %eax, %cr3
        set_msr 0xc0000080, 0, 0x101    /* EFER: LME, SCE */
        movl    %cr0, %eax
        orl     $0x80010000, %eax       /* PG, WP */
        movl    %eax, %cr0
        ljmpl   $code64, $long

        .code64
long:
        say     long
        movl    $data, %eax
        movl    %eax, %ds
        movl    %eax, %es
        movl    %eax, %ss
        movl    $kernel_stack, %esp

        xorl    %ebx, %ebx
1:      movl    $exception, %eax
        call    set_gate
        incl    %ebx
        cmpl    $256, %ebx
        jb      1b
        movl    $page_fault, %eax
        movl    $14, %ebx
        call    set_gate
        movl    $timer, %eax
        movl    $0x20, %ebx
        call    set_gate
        movl    $spurious, %eax
        movl    $0x27, %ebx
        call    set_gate
        movl    $0xff, %ebx
        call    set_gate
        lidt    idt_register
        movl    $kernel_stack, tss + 4
        movl    $task, %eax
        ltr     %ax

        set_msr 0xc0000081, (user32 | 3) << 16 | code64, 0      /* STAR */
        set_msr 0xc0000082, 0, system_call                      /* LSTAR */
        set_msr 0xc0000084, 0, 0x600                            /* FMASK: IF, DF */

        /* 8259s from vector 0x20, IRQ 0 alone; 8254 channel 0 at 1 kHz */
        movl    $pic_words, %esi
1:      movzbl  (%rsi), %edx
        testl   %edx, %edx
        jz      2f
        movb    1(%rsi), %al
        outb    %al, %dx
        addl    $2, %esi
        jmp     1b
2:
        pushq   $user_data
        pushq   $user_stack
        pushq   $0x3202                 /* interrupts on, ports allowed */
        pushq   $user64
        pushq   $user
        iretq

/* eax: where to; ebx: vector */
set_gate:
        movl    %ebx, %edi
        shll    $4, %edi
        addl    $idt, %edi
        movw    %ax, (%rdi)
        movw    $code64, 2(%rdi)
        movw    $0x8e00, 4(%rdi)
        movl    %eax, %edx
        shrl    $16, %edx
        movw    %dx, 6(%rdi)
        movq    $0, 8(%rdi)
        ret

user:
        say     user
        /* one tick that takes the processor out of ring 3, and one that wakes it from hlt */
1:      cmpl    $0, ticks
        je      1b
        xorl    %edi, %edi
        syscall
        say     timer

        movl    $rounds, %r12d
round:
        say     round
        movl    $iterations, %r13d
iteration:
        movl    $pages, %ebp
1:      movb    $0, (%rbp)              /* faults */
        leaq    (%rbp, %r13), %rax
        movq    %rbp, %rdi
        movl    $512, %ecx
        rep stosq
        movl    frame, %edi
        cmpq    %rax, (%rdi)
        jne     differs
        cmpq    %rax, 0xff8(%rdi)
        jne     differs
        addl    $0x1000, %ebp
        cmpl    $(pages + page_count * 0x1000), %ebp
        jb      1b
        movl    $1, %edi
        syscall
        decl    %r13d
        jnz     iteration
        decl    %r12d
        jnz     round
        say     end
        end_with well
differs:
        say     differs
        end_with badly

/* edi: 0 waits for a tick and then stops them, 1 unmaps the pages */
system_call:
        movq    %rsp, user_rsp
        movl    $syscall_stack, %esp
        pushq   %rcx
        pushq   %r11
        testl   %edi, %edi
        jnz     unmap
        movl    ticks, %edx
1:      sti
        hlt
        cli
        cmpl    %edx, ticks
        je      1b
        movb    $0xff, %al
        outb    %al, $0x21
        jmp     3f
unmap:
        movl    $page_count, %ecx
        movl    $page_table, %edi
        movl    $pages, %edx
1:      movq    $0, (%rdi)
        invlpg  (%rdx)
        addl    $8, %edi
        addl    $0x1000, %edx
        decl    %ecx
        jnz     1b
        movq    %cr3, %rax
        movq    %rax, %cr3
        decl    until_port_read
        jnz     3f
        movl    $port_read_every, until_port_read
        inb     $words_port, %al        /* what it reads is its own number */
        cmpb    $words_port, %al
        jne     differs
3:      popq    %r11
        popq    %rcx
        movq    user_rsp, %rsp
        sysretq

/* Maps the page that is missing to the next frame. */
page_fault:
        pushq   %rax
        pushq   %rdx
        movq    %cr2, %rdx
        subq    $pages, %rdx
        cmpq    $(page_count * 0x1000), %rdx
        jae     exception
        shrl    $12, %edx
        movl    next_frame, %eax
        incl    next_frame
        andl    $(frame_count - 1), %eax
        shll    $12, %eax
        addl    $frames, %eax
        movl    %eax, frame
        orl     $7, %eax
        movq    %rax, page_table(, %rdx, 8)
        popq    %rdx
        popq    %rax
        addq    $8, %rsp
        iretq

timer:
        pushq   %rax
        incl    ticks
        movb    $0x20, %al
        outb    %al, $0x20
        popq    %rax
        iretq

spurious:
        iretq

exception:
        say     exception
        end_with badly

        .balign 8
gdt:
        .quad   0
        .quad   0x00cf9a000000ffff      /* code32 */
        .quad   0x00af9a000000ffff      /* code64 */
        .quad   0x00cf92000000ffff      /* data */
        .quad   0x00cffa000000ffff      /* user32 */
        .quad   0x00cff2000000ffff      /* user data */
        .quad   0x00affa000000ffff      /* user64 */
        .quad   0x0000890000000067 | (tss & 0xffff) << 16 | (tss >> 16) << 32
        .quad   0
gdt_end:
rom_gdt:
        .word   gdt_end - gdt - 1
        .long   rom + gdt - image
ram_gdt:
        .word   gdt_end - gdt - 1
        .long   gdt
idt_register:
        .word   0xfff
        .quad   idt
/* port, byte; a port of 0 ends them */
pic_words:
        .byte   0x20, 0x11, 0x21, 0x20, 0x21, 0x04, 0x21, 0x01, 0x21, 0xfe
        .byte   0xa0, 0x11, 0xa1, 0x28, 0xa1, 0x02, 0xa1, 0x01, 0xa1, 0xff
        .byte   0x43, 0x34, 0x40, 1193 & 0xff, 0x40, 1193 >> 8
        .byte   0
        .balign 4
ticks:          .long   0
frame:          .long   0
next_frame:     .long   0
until_port_read: .long  port_read_every
user_rsp:       .quad   0

        .section .reset, "ax"
        .code16
        jmp     real
