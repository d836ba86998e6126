#!/usr/bin/perl
# A system call on the mailbox fails: POP3 says -ERR [SYS/TEMP] (RFC 3206), not that the
# password was wrong or that all went well, and removes nothing else.
use strict;
use warnings;
use lib 'tests/lib';
use FaultTest;
use MailRoot qw(program);
use StoreTest;
use Test::More;

plain_build('system calls');
needs_strace();

my @marked = (1, 2, 5);
my @refused;
my $faults = each_fault(
	root => deleting_root(), calls => [qw(unlinkat fsync getdents64)], fault => 'error=EIO',
	session => sub {
		my ($root, @before) = @_;
		return send_deletions($root, \@before, @marked);
	},
	judge => sub {
		my ($root, $name, $replies) = @_;
		judge_deletions($root, $replies, @marked);
		my ($bad) = grep { /^-ERR/ } map { $replies->{$_} } grep { /^[A-Z]/ } sort keys %$replies;
		return if $name =~ /^past/;
		like($bad, qr{^-ERR \[SYS/TEMP\] }, 'the trouble is told as what it is');       ## pop3-3206-b pop3-1939-6-a
		push @refused, $name;
	});
is(scalar(grep { /unlinkat/ } @refused), 3, 'each removal that fails is told');         ## pop3-1939-6-a
cmp_ok(scalar(grep { /fsync/ } @refused), '>=', 2, 'each sync that fails is told');
cmp_ok(scalar(grep { /getdents/ } @refused), '>=', 2, 'each list that cannot be read is told');       ## pop3-3206-b

# A message that cannot be opened, or read.
for my $call ('openat', 'read') {
	my ($told, $number) = (0, 0);
	while (++$number < 100) {
		my $root = deleting_root();
		my $trace = "$root.trace";
		my ($output) = pop3_session($root,
		    "USER bob\@example.com\r\nPASS secret\r\nRETR 2\r\nTOP 2 9\r\nSTAT\r\nQUIT\r\n",
		    before => ['strace', '-f', '-q', '-o', $trace, '-e', "trace=$call",
		        '-e', "inject=$call:error=EIO:when=$number"]);
		my $happened = octets_of($trace) =~ /INJECTED/;
		unlink $trace;
		MailRoot::remove_directory($root);
		last unless $happened;
		unlike($output, qr/^-ERR \[AUTH\]/m, "EIO at $call $number is not told as a wrong password");
		$told++ if $output =~ m{^-ERR \[SYS/TEMP\] }m;
	}
	cmp_ok($told, '>=', $call eq 'read' ? 0 : 2, "EIO at $call: told in $told sessions of " . ($number - 1));       ## pop3-3206-b
}
done_testing();
