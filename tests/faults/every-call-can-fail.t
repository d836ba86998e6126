#!/usr/bin/perl
# In the programs of `make fault`, store/durable makes no system call but by way of what can
# make it fail.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;

need_plain_build();
need('nm', 'binutils');

my @wanted = `nm -u '${\ program('objects/fault/store/durable.o')}'` =~ /^\s*[Uw] (\w+)/mg;
my %other = map { $_ => 1 } qw(__errno_location memset strcmp _GLOBAL_OFFSET_TABLE_ __stack_chk_fail);
cmp_ok(scalar(grep { /^faulty_/ } @wanted), '>', 15, 'its calls are led elsewhere');
is_deeply([grep { !/^(?:faulty|text)_/ && !$other{$_} } @wanted], [], 'all of them')
    or diag 'they are missing in tests/faults/faulty_calls.h';
done_testing();
