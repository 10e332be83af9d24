/*
 * Kernels before 4.2 include linux/compiler-gccN.h, N being the major version of the compiler, and know none after
 * their own time. This is that file for any later gcc: what the kernel's common compiler-gcc.h leaves to it.
 */
#define __used			__attribute__((__used__))
#define __must_check		__attribute__((warn_unused_result))
#define __compiler_offsetof(a, b) __builtin_offsetof(a, b)
#define __cold			__attribute__((__cold__))
#define __linktime_error(message) __attribute__((__error__(message)))
#define __compiletime_object_size(object) __builtin_object_size(object, 0)
#define __compiletime_warning(message) __attribute__((warning(message)))
#define __compiletime_error(message) __attribute__((error(message)))
#define __visible		__attribute__((externally_visible))

#ifndef __noclone
#define __noclone		__attribute__((__noclone__))
#endif
#ifndef unreachable
#define unreachable()		__builtin_unreachable()
#endif
#ifndef asm_volatile_goto
#define asm_volatile_goto(x...)	do { asm goto(x); asm (""); } while (0)
#endif
#ifndef uninitialized_var
#define uninitialized_var(x)	x = x
#endif
#ifndef __always_inline
#define __always_inline		inline __attribute__((always_inline))
#endif
