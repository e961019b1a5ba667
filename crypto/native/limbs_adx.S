/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Products of 16 limbs for x86-64 with BMI2 and ADX: mulx leaves the flags alone, and adcx and adox
 * carry in two chains, which the compiler does not do. No branch, no index depends on a value.
 *
 * The work is done in blocks of 8 by 8 limbs. Eight registers are a window on eight limbs of the
 * sum; a row adds one limb times eight to it, writes the lowest limb out, and moves the window up
 * by one. Window plus row is at most (2^512 - 1) + (2^64 - 1)(2^512 - 1) < 2^576, nine limbs: the
 * lowest is written out, so that nothing is lost.
 */
#if defined(__x86_64__)
#include <cet.h>

#define ZERO %rbp

/* The window of nine registers w0..w8 (w8 is w0 again, once that is written to `out`) gets
 * %rdx times the eight limbs at `limbs`. */
.macro row out, limbs, w0, w1, w2, w3, w4, w5, w6, w7
    xor %eax, %eax /* clears both carries */
    mulx \limbs, %rax, %rcx
    adcx %rax, \w0
    adox %rcx, \w1
    mov \w0, \out
    mov $0, \w0
    mulx 8+\limbs, %rax, %rcx
    adcx %rax, \w1
    adox %rcx, \w2
    mulx 16+\limbs, %rax, %rcx
    adcx %rax, \w2
    adox %rcx, \w3
    mulx 24+\limbs, %rax, %rcx
    adcx %rax, \w3
    adox %rcx, \w4
    mulx 32+\limbs, %rax, %rcx
    adcx %rax, \w4
    adox %rcx, \w5
    mulx 40+\limbs, %rax, %rcx
    adcx %rax, \w5
    adox %rcx, \w6
    mulx 48+\limbs, %rax, %rcx
    adcx %rax, \w6
    adox %rcx, \w7
    mulx 56+\limbs, %rax, %rcx
    adcx %rax, \w7
    adox %rcx, \w0
    adcx ZERO, \w0
.endm

/* Eight rows: the eight limbs at `by` times those at `limbs`, the low limbs to `out`. */
.macro block out, limbs, by
    mov \by, %rdx
    row \out, \limbs, %r8, %r9, %r10, %r11, %r12, %r13, %r14, %r15
    mov 8+\by, %rdx
    row 8+\out, \limbs, %r9, %r10, %r11, %r12, %r13, %r14, %r15, %r8
    mov 16+\by, %rdx
    row 16+\out, \limbs, %r10, %r11, %r12, %r13, %r14, %r15, %r8, %r9
    mov 24+\by, %rdx
    row 24+\out, \limbs, %r11, %r12, %r13, %r14, %r15, %r8, %r9, %r10
    mov 32+\by, %rdx
    row 32+\out, \limbs, %r12, %r13, %r14, %r15, %r8, %r9, %r10, %r11
    mov 40+\by, %rdx
    row 40+\out, \limbs, %r13, %r14, %r15, %r8, %r9, %r10, %r11, %r12
    mov 48+\by, %rdx
    row 48+\out, \limbs, %r14, %r15, %r8, %r9, %r10, %r11, %r12, %r13
    mov 56+\by, %rdx
    row 56+\out, \limbs, %r15, %r8, %r9, %r10, %r11, %r12, %r13, %r14
.endm

/* A row that clears the lowest limb: the multiple of the modulus goes to `multiple`, and the cleared
 * limb after it into the same place first. */
.macro clearing_row multiple, limbs, inverse, w0, w1, w2, w3, w4, w5, w6, w7
    mov \w0, %rdx
    imul \inverse, %rdx
    row \multiple, \limbs, \w0, \w1, \w2, \w3, \w4, \w5, \w6, \w7
    mov %rdx, \multiple
.endm

.macro clearing_block multiples, limbs, inverse
    clearing_row \multiples, \limbs, \inverse, %r8, %r9, %r10, %r11, %r12, %r13, %r14, %r15
    clearing_row 8+\multiples, \limbs, \inverse, %r9, %r10, %r11, %r12, %r13, %r14, %r15, %r8
    clearing_row 16+\multiples, \limbs, \inverse, %r10, %r11, %r12, %r13, %r14, %r15, %r8, %r9
    clearing_row 24+\multiples, \limbs, \inverse, %r11, %r12, %r13, %r14, %r15, %r8, %r9, %r10
    clearing_row 32+\multiples, \limbs, \inverse, %r12, %r13, %r14, %r15, %r8, %r9, %r10, %r11
    clearing_row 40+\multiples, \limbs, \inverse, %r13, %r14, %r15, %r8, %r9, %r10, %r11, %r12
    clearing_row 48+\multiples, \limbs, \inverse, %r14, %r15, %r8, %r9, %r10, %r11, %r12, %r13
    clearing_row 56+\multiples, \limbs, \inverse, %r15, %r8, %r9, %r10, %r11, %r12, %r13, %r14
.endm

.macro window_load from
    mov \from, %r8
    mov 8+\from, %r9
    mov 16+\from, %r10
    mov 24+\from, %r11
    mov 32+\from, %r12
    mov 40+\from, %r13
    mov 48+\from, %r14
    mov 56+\from, %r15
.endm

.macro window_store to
    mov %r8, \to
    mov %r9, 8+\to
    mov %r10, 16+\to
    mov %r11, 24+\to
    mov %r12, 32+\to
    mov %r13, 40+\to
    mov %r14, 48+\to
    mov %r15, 56+\to
.endm

/* Adds eight limbs and the carry flag to the window; what carries out of it is in the carry flag. */
.macro window_add from
    adc \from, %r8
    adc 8+\from, %r9
    adc 16+\from, %r10
    adc 24+\from, %r11
    adc 32+\from, %r12
    adc 40+\from, %r13
    adc 48+\from, %r14
    adc 56+\from, %r15
.endm

/* Adds one limb to the window, the same way. */
.macro window_add_limb from
    add \from, %r8
    adc $0, %r9
    adc $0, %r10
    adc $0, %r11
    adc $0, %r12
    adc $0, %r13
    adc $0, %r14
    adc $0, %r15
.endm

.macro enter_function
    _CET_ENDBR
    push %rbx
    push %rbp
    push %r12
    push %r13
    push %r14
    push %r15
    xor %ebp, %ebp
.endm

.macro leave_function
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbp
    pop %rbx
    ret
.endm

    .text

/* The functions are described in limbs_adx.h. */
    .globl adx_product
    .type adx_product, @function
    .balign 64
adx_product:
    enter_function
    mov %rdx, %rbx
    xor %r8d, %r8d
    xor %r9d, %r9d
    xor %r10d, %r10d
    xor %r11d, %r11d
    xor %r12d, %r12d
    xor %r13d, %r13d
    xor %r14d, %r14d
    xor %r15d, %r15d
    block 0(%rdi), 0(%rsi), 0(%rbx)      /* a low,  b low */
    block 64(%rdi), 64(%rsi), 0(%rbx)    /* a high, b low */
    window_store 128(%rdi)
    window_load 64(%rdi)
    block 64(%rdi), 0(%rsi), 64(%rbx)    /* a low,  b high */
    xor %eax, %eax
    window_add 128(%rdi)
    adc $0, %rax                         /* into limb 24 */
    mov %rax, 192(%rdi)
    block 128(%rdi), 64(%rsi), 64(%rbx)  /* a high, b high */
    window_add_limb 192(%rdi)            /* the product ends at limb 31: no carry */
    window_store 192(%rdi)
    leave_function
    .size adx_product, .-adx_product

    .globl adx_add
    .type adx_add, @function
    .balign 16
adx_add:
    _CET_ENDBR
    xor %eax, %eax
    .set offset, 0
    .rept 32
    mov offset(%rsi), %rax
    adc %rax, offset(%rdi)
    .set offset, offset + 8
    .endr
    ret
    .size adx_add, .-adx_add

/* In two halves, each of which clears 8 limbs of t. */
    .globl adx_reduce
    .type adx_reduce, @function
    .balign 64
adx_reduce:
    enter_function
    mov %rdx, %rbx
    sub $24, %rsp        /* the inverse; the carry into limb 16, then into 24; another one into 24 */
    mov (%rcx), %rax
    mov %rax, 0(%rsp)
    window_load 0(%rsi)
    clearing_block 0(%rsi), 0(%rbx), 0(%rsp)
    xor %eax, %eax
    window_add 64(%rsi)
    adc $0, %rax
    mov %rax, 8(%rsp)
    block 64(%rsi), 64(%rbx), 0(%rsi)
    mov 8(%rsp), %rax
    neg %rax                             /* the carry flag is the carry */
    mov $0, %eax
    window_add 128(%rsi)
    adc $0, %rax
    mov %rax, 8(%rsp)
    window_store 128(%rsi)

    window_load 64(%rsi)
    clearing_block 64(%rsi), 0(%rbx), 0(%rsp)
    xor %eax, %eax
    window_add 128(%rsi)
    adc $0, %rax
    mov %rax, 16(%rsp)
    block 0(%rdi), 64(%rbx), 64(%rsi)
    mov 8(%rsp), %rax
    neg %rax
    mov $0, %eax
    window_add 192(%rsi)
    adc $0, %rax
    window_add_limb 16(%rsp)
    adc $0, %rax
    window_store 64(%rdi)
    add $24, %rsp
    leave_function
    .size adx_reduce, .-adx_reduce

#endif
    .section .note.GNU-stack, "", @progbits
