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

# No process for the login: the client is told at once, in place of the greeting.
for my $calls ('socketpair', '?fork,?vfork,clone,?clone3') {
	my $root = deleting_root();
	my ($output, $status) = pop3_session($root, "USER bob\@example.com\r\nPASS secret\r\nQUIT\r\n",
	    before => ['strace', '-f', '-q', '-o', '/dev/null', '-e', "trace=$calls", '-e', "inject=$calls:error=EAGAIN"]);
	like($output, qr{\A-ERR \[SYS/TEMP\] .*\r\n\z}, "no $calls: told as trouble");       ## pop3-3206-b
	is($status, 75, 'and the session ends');        ## pop3-stdio-exit
	MailRoot::remove_directory($root);
}

# A message that cannot be opened: any of the openings may fail.
{
	my ($told, $number) = (0, 0);
	while (++$number < 100) {
		my $root = deleting_root();
		my $trace = "$root.trace";
		my ($output) = pop3_session($root,
		    "USER bob\@example.com\r\nPASS secret\r\nRETR 2\r\nTOP 2 9\r\nSTAT\r\nQUIT\r\n",
		    before => ['strace', '-f', '-q', '-o', $trace, '-e', 'trace=openat',
		        '-e', "inject=openat:error=EIO:when=$number"]);
		my $happened = octets_of($trace) =~ /INJECTED/;
		unlink $trace;
		MailRoot::remove_directory($root);
		last unless $happened;
		unlike($output, qr/^-ERR \[AUTH\]/m, "EIO at openat $number is not told as a wrong password");      ## pop3-3206-a
		$told++ if $output =~ m{^-ERR \[SYS/TEMP\] }m;
	}
	cmp_ok($told, '>=', 2, "EIO at openat: told in $told sessions of " . ($number - 1));       ## pop3-3206-b
}

# One that cannot be read to its end: what was sent of it must not look like all of it,
# or the client would remove the rest unread.
{
	my $root = deleting_root();
	my $text = "Subject: big\n\n" . 'A line of the message.' . "\n" x 2 . "line\n" x 30_000;
	my $path = maildir($root, 'bob@example.com') . '/new/1600000000.big.host,S=' . length($text) . ',W='
	    . length MailRoot::crlf($text);
	put($root, substr($path, length($root) + 1), $text);
	my $cut = 0;
	for my $number (1 .. 20) {
		my $trace = "$root.trace";
		my ($output, $status) = pop3_session($root,
		    "USER bob\@example.com\r\nPASS secret\r\nDELE 2\r\nRETR 1\r\nDELE 1\r\nQUIT\r\n",
		    before => ['strace', '-f', '-q', '-o', $trace, '-P', $path, '-e', 'trace=read',
		        '-e', "inject=read:error=EIO:when=$number"]);
		my $happened = octets_of($trace) =~ /INJECTED/;
		unlink $trace;
		if (!$happened) {
			like($output, qr/line\r\n\.\r\n\+OK/, 'without trouble it comes whole');
			is($status, 0, 'and the session ends well');
			last;
		}
		$cut++;
		unlike($output, qr/^\.\r\n/m, "EIO at read $number of the message: no end of it is sent");      ## pop3-3206-b
		is($status, 75, 'the session ends as in trouble');     ## pop3-stdio-exit
		ok(-e $path, 'and nothing is removed');       ## pop3-1939-6-b
	}
	cmp_ok($cut, '>=', 2, "it was cut $cut times");
}
done_testing();
