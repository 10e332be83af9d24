/**
 * Functions in which the kernel only reports or does somebody else's work: when one of them is at the instruction
 * pointer, its nearest other caller is to blame. Each row has its reason; names are anchored regular expressions.
 */
interface Row {
  readonly why: string;
  readonly names: readonly string[];
}

const rows: readonly Row[] = [
  {
    why: 'prints the report',
    names: words(String.raw`
      dump_stack\w* __dump_stack show_stack\w* show_trace\w* show_regs dump_backtrace
      print_\w*report\w* _*panic\w* rust_helper_BUG assertfail \w+_panic _*warn_alloc\w*
      skb_(?:over|under)_panic panic_saved_regs vpanic __?warn\w* warn_slowpath\w* report_bug
      fixup_bug handle_bug die\w* __die\w* oops_\w+
      print_(?:address_description|trailer|usage_bug|bad_\w+|unlock\w*|circular\w*|deadlock\w*|irq_inversion\w*|memory_metadata)
      dump_(?:header|page|tasks|trace) bad_page\w* slab_bug slab_err object_err slab_pad_check
      check_bytes_and_report usercopy_abort usercopy_warn __check_(?:object_size|heap_object)
      report_usercopy _?printk\w* vprintk\w* console_(?:unlock|flush\w*|trylock\w*) fail_dump
      should_fail\w* unwind_\w+ arch_stack_walk stack_trace_\w+ save_stack\w* __?save_stack_trace\w*
      kernel_exc_vmap_stack handle_stack_overflow df_debug bad_area\w* no_context __bad_area\w*
      page_fault_oops kernelmode_fixup_or_oops spurious_\w+ do_error_trap do_trap\w* gp_\w+
    `),
  },
  {
    why: 'a sanitizer or self-check that noticed',
    names: words(String.raw`
      _*kasan_\w+ __asan_\w+ __hwasan_\w+ hwasan_\w+ check_memory_region\w* memory_is_\w+
      _*k[mc]san_\w+ __msan_\w+ __tsan_\w+ kfence_\w+ __kfence_\w+ check_canary\w* _*ubsan_\w+
      __sanitizer_cov_\w+ perf_trace_(?!init|destroy)\w+ trace_event_\w+ __x86_indirect_thunk_\w+
      __traceiter_\w+ handle_overflow val_to_string __stack_chk_fail __fortify_\w+ fortify_panic
      refcount_\w+ refcount_warn_saturate __refcount_\w+ kref_\w+
      debug_(?:print_object|object_\w+|check_no_obj_freed|objects?_\w+|mutex_\w+|spin_\w+|smp_\w+|dma_\w+|check_\w+)
      __debug_(?:object\w*|check_no_obj_freed) lookup_object_or_alloc lockdep_\w+
      check_(?:prev_add|prevs_add|noncircular|deadlock|flags|usage\w*|irq_usage|wait_context|preemption_disabled|slab|object|poison_obj|lock\w*)
      validate_chain mark_lock\w* mark_held_locks
      _*lock_(?:acquire|release|is_held|acquired|contended)\w* look_up_lock_class
      warn_bogus_irq_restore rcu_lockdep\w* register_lock_class assign_lock_key __lock_set_class
      find_held_lock _*might_(?:sleep|resched|fault|alloc)\w* \w+_sleep_check __schedule_bug
      __cant_(?:sleep|migrate) __bug_on\w* spin_bug spin_dump rwlock_bug trace_hardirqs_\w+
      __trace_hardirqs_\w+ __this_cpu_preempt_check depot_\w+ stack_depot_\w+ set_track\w*
      set_alloc_info kmemleak_\w+ create_object _*walk_stack\w* __?kmsan_\w+ arch_kmsan\w*
    `),
  },
  {
    why: 'a library routine on memory, strings or numbers: the caller passed the pointer',
    names: words(String.raw`
      _*mem(?:cpy|move|set|cmp|chr|scan|dup\w*)\w*
      _*str(?:n|l|s|p)?(?:cpy|cat|len|cmp|casecmp|chr|rchr|str|nlen|sep|dup|ncpy|ncmp|ncasecmp|lcpy|scpy|ncat|lcat)\w*
      sized_strscpy kstrdup\w* kmemdup\w* string jhash\w* string_nocheck vsc?n?printf vsnprintf
      crc\w+_\w+ logic_(?:in|out)[bwl] skb_(?:put|push|pull|trim|reserve)\w* __?raw_(?:read|write)[bwlq] simple_copy_to_iter _*copy_to_iter\w* sn?printf pointer
      kvasprintf\w* kasprintf number _*copy_(?:from|to|in)_(?:user|iter)\w* copy_user_\w+
      _*clear_user\w* __?(?:get|put)_user\w* rep_(?:movs|stos)\w* (?:copy|clear)_page\w*
      _*probe_kernel_\w+ copy_(?:from|to)_kernel_nofault csum_\w+
      rb_(?:erase|insert\w*|next|prev|first|last) __rb_\w+ sha\w*_transform\w* ida_\w+ idr_\w+
      xa_\w+ xas_\w+ radix_tree_(?!node_alloc)\w+ find_(?:next|first)_\w+ _find_(?:next|first)_\w+
      _*(?:test|set|clear|change)_(?:and_\w+_)?bit\w*
      _*(?:raw_|arch_|generic_)?atomic(?:64|_long)?_\w+ _*instrument_\w+ _*read_once\w*
      _*write_once\w* __bitmap_\w+ bitmap_\w+ hweight\w+
    `),
  },
  {
    why: 'list primitives: their checks fire in whoever touches the list',
    names: words(String.raw`
      _*list_(?:add|del|move|splice|empty|replace|first|last|is)\w* __list_\w+ _*h(?:list)_\w+
      llist_\w+ plist_\w+ klist_\w+
    `),
  },
  {
    why: 'reference counts and life cycles of objects: the caller gave the object up wrongly, or gave a wrong one',
    names: words(String.raw`
      kobject_(?!uevent)\w+ ref_tracker_\w+ add_uevent_var (?:drop|inc|set|clear)_nlink
      mark_buffer_dirty\w* folio_(?:unlock|end_\w+) unlock_page kfree_skb\w* skb_release_\w+
      device_(?:add|del|unregister|destroy|release) dpm_sysfs_\w+ kobject_uevent_env devres_\w+
      release_nodes sysfs_remove_\w+ insert_work _*queue_(?:delayed_)?work\w*
    `),
  },
  {
    why: 'locks and waiting: the question is for what',
    names: words(String.raw`
      _*(?:raw_)?(?:spin|read|write)_(?:lock|unlock|trylock)\w* do_raw_\w+
      _*raw_(?:spin|read|write)_\w+ (?:native_)?queued_(?:spin|read|write)_\w+ pv_\w+ __pv_\w+
      kvm_wait kvm_kick_cpu ticket_spin_\w+ __ticket_\w+ __delay delay_\w+ __const_udelay
      _*mutex_\w+ ww_mutex_\w+ _*rt_mutex_\w+
      _*(?:down|up)(?:_(?:read|write|killable|interruptible|timeout|trylock))*(?:_nested|_non_owner|_nest_lock)?
      call_rwsem_\w+ _*rwsem_\w+ _*percpu_(?:down|up)_\w+ osq_\w+ rcu_read_(?:lock|unlock)\w*
      _*wait_(?:on|for_common|for_completion)\w* _*wait_for_common\w* do_wait_for_common bit_wait\w*
      out_of_line_wait\w* _*wait_on_bit\w* io_schedule\w* _*schedule\w* _*cond_resched\w*
      __wait_rcu_gp _*lock_page\w* _*folio_(?:lock|wait)\w* __wake_up\w* rcu_barrier\w*
      _*preempt_schedule\w* _*lock_sock_nested lock_sock __cancel_work\w*
      cancel_(?:delayed_)?work\w* __flush_\w*work\w* _*lock_timer_base\w*
      _*(?:mod|add|del|timer_delete)_timer\w* try_to_del_timer_sync _*timer_is_static_object
      call_timer_fn_dummy __filemap_fdatawait_range filemap_fdatawait\w* kthread_stop\w*
      context_switch __switch_to\w* preempt_schedule\w* prepare_to_wait\w* finish_wait
      try_to_grab_pending do_nanosleep hrtimer_nanosleep schedule_hrtimeout\w* seqcount_\w+
      _*ldsem_\w+ _*cv_(?:wait|timedwait|signal|broadcast)\w* _*down_common (?:interruptible_)?sleep_on\w*
      msleep\w* usleep_range\w* do_wait_intr\w* console_lock _*task_rq_lock\w* _*semaphore\w*
      local_bh_\w+ __local_bh_\w+ do_csd_lock\w* csd_lock\w* cpu_relax rep_nop swake_\w+
      _*flush_work\w* flush_workqueue synchronize_sched_expedited\w* rtlock_\w+ refill_\w+obj\w*
    `),
  },
  {
    why: "the allocators: their lists are where somebody else's overwrite shows",
    names: words(String.raw`
      _*k[mvz]*(?:alloc|calloc|realloc|free)(?!_skb)\w* kv?z?alloc\w* kv?free(?!_skb)\w*
      _*kmem_cache_(?:alloc|free|zalloc)\w* _*slab_(?:alloc|free|pre_alloc|post_alloc|want)\w*
      _+slab_\w+ do_slab_free deactivate_slab get_partial\w* new_slab\w* allocate_slab
      alloc_debug_processing free_debug_processing discard_slab cache_\w*alloc\w*
      cache_(?:grow|flusharray)\w* ____cache_alloc\w* free_block alloc_pages\w* __alloc_pages\w*
      alloc_slab_page get_page_from_freelist __?free_pages\w* free_pcp\w* free_unref_\w+
      free_hot_cold_page\w* get_free_pages __get_free_pages prep_new_page post_alloc_hook
      check_new_page\w* v[mz]alloc\w* __vmalloc\w* vfree\w* _*vunmap\w* kvmalloc\w* pcpu_\w*alloc\w*
      pcpu_(?:mem_zalloc|create_chunk|populate_chunk) __alloc_percpu\w* quarantine_\w+
      qlist_free_all qlink_free freelist_\w+ set_freepointer check_heap\w* krealloc\w*
      __alloc_frozen_pages\w* free_large_kmalloc _*alloc_frozen_pages\w* _*kmalloc_\w+
      page_pool_\w*alloc\w* __page_pool_alloc\w* getname_flags radix_tree_node_alloc kasprintf
    `),
  },
  {
    why: 'the detector of stalls and the road to it: timer interrupt, NMI, backtraces of other CPUs',
    names: words(String.raw`
      rcu_(?:check_callbacks|pending|sched_clock_irq|dump_cpu_stacks|check_gp_\w+|stall\w*)
      __rcu_pending print_(?:cpu_stall|other_cpu_stall)\w* check_cpu_stall\w* update_process_times
      tick_\w+ _*hrtimer_(?:run_queues|interrupt|run_softirq)\w* __?run_hrtimer\w*
      run_local_timers scheduler_tick sched_tick account_(?:process|system|user)_t\w+
      profile_tick xtime_update do_timer _*timer_interrupt smp_apic_timer_interrupt
      arch_timer_handler_\w+ decrementer_common\w* xen_timer_interrupt hv_stimer\w+
      handle_percpu_devid_\w*irq _*handle_domain_irq generic_handle_\w*irq\w* gic_handle_irq
      handle_(?:edge|level|fasteoi|percpu|simple)_irq _*handle_irq_event\w* _*do_IRQ _*do_irq
      _*irq_exit\w* xen_(?:hvm|evtchn)_\w*(?:callback|upcall)\w* irq_work_\w+
      local_apic_timer_interrupt _*smp_\w*timer_interrupt apic_timer_interrupt
      _*(?:asm_)?_*sysvec_\w+ asm_call_\w+ nmi_\w+ trigger_\w*backtrace\w* arch_trigger_\w+
      watchdog\w* default_do_nmi do_nmi exc_nmi asm_exc_nmi (?:end_|first_)?repeat_nmi first_nmi nmi
      _*perf_\w*overflow\w* perf_\w*nmi_handler perf_(?:swevent|ibs)_\w+ (?:x86|intel|amd)_pmu_\w+
      armv\dpmu_\w+ _*(?:atomic_|raw_)?notifier_call_chain notify_die _*sched_show_task rcu_gp_kthread rcu_gp_fqs_loop rcu_gp_cleanup dump_cpu_task
      reschedule_interrupt smp_reschedule_interrupt ret_from_intr common_interrupt
      call_function\w*interrupt asm_common_interrupt __irqentry_\w+ retint_\w+
      restore_(?:all|regs)\w* irqentry_\w+ sysrq_timer_\w+
    `),
  },
  {
    why: 'entry code, and the loops that call everything',
    names: words(String.raw`
      (?:asm_)?exc_\w+ invalid_op page_fault async_page_fault general_protection divide_error
      error_(?:code|entry|exit)\w*
      do_(?:invalid_op|general_protection|page_fault|async_page_fault|divide_error|user_addr_fault|kern_addr_fault)
      __do_page_fault do_syscall_\w+ x64_sys_call ia32_sys_call __do_fast_syscall\w*
      do_fast_syscall\w* do_int80\w* __do_int80\w* do_SYSENTER\w* entry_\w+ system_call\w*
      sysenter_\w+ ia32_\w+ tracesys\w* ret_from_\w+ ret_fast_syscall el0\w* el1\w* invoke_syscall
      kernel_thread\w* kthread worker_thread process_scheduled_works ret_to_user\w* __syscall\w*
      do_el0_svc stub_\w+ int_ret_\w+
    `),
  },
];

/**
 * Entries into the kernel from somewhere else, and the multiplexers right behind them (ioctl, read, sendmsg, a netlink
 * socket): where a stall's stack begins, the next function inward is what was asked of the kernel.
 */
const entries = words(String.raw`
      do_syscall_\w+ x64_sys_call ia32_sys_call _*do_fast_syscall\w* do_int80\w* entry_\w+
      system_call\w* ret_from_fork\w* kthread kernel_thread_helper process_one_work _*do_softirq
      handle_softirqs call_timer_fn expire_timers _*run_timers _*run_timer\w* tasklet_action\w*
      net_rx_action _*netif_receive_skb\w* ret_fast_syscall el0_svc\w* invoke_syscall rcu_do_batch
      exit_to_user\w* task_work_run
      sys_(?:ioctl|read|write|readv|writev|pread64|pwrite64|sendmsg|recvmsg|sendto|sendmmsg|socketcall|close|bpf)
      _*(?:ksys|vfs)_(?:read|write|ioctl|readv|writev) do_vfs_ioctl _*sys_(?:sendmsg|recvmsg|sendto)
      _*sock_sendmsg\w* sock_(?:write|read)_iter sock_(?:do_)?ioctl new_sync_(?:read|write)
      _*call_(?:read|write)_iter do_iter\w*_(?:read|write)\w* do_loop_readv_writev rtnetlink_rcv_msg
      nfnetlink_rcv_msg genl_\w*rcv_msg\w* genl_family_rcv_msg\w* _*hrtimer_run_queues _*run_hrtimer
      blkdev_ioctl _*blkdev_driver_ioctl block_ioctl tty_ioctl _*handle_irq_event\w*
    `);

const generic = new RegExp(`^(?:${rows.flatMap((row) => row.names).join('|')})$`);
const entry = new RegExp(`^(?:${entries.join('|')})$`);

/** Names between white space. */
function words(list: string): string[] {
  return list.trim().split(/\s+/);
}

/** Remembers answers: consoles name the same few hundred functions again and again. Bounded, names are guest input. */
const remembered = new Map<string, boolean>();

/** Whether a function (normalised name) only reports, or works on a caller's behalf. */
export function isGenericHelper(name: string): boolean {
  const known = remembered.get(name);
  if (known !== undefined) return known;
  const answer = generic.test(name);
  if (remembered.size > 10_000) remembered.clear();
  remembered.set(name, answer);
  return answer;
}

export const isEntry = (name: string): boolean => entry.test(name);
