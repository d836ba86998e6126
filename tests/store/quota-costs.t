#!/usr/bin/perl
# What a quota costs: nothing where none is set, however much is in the mailbox; where one is
# set, one reading of new/ and cur/ in a transaction, and no look at any message that has its
# size in its name.
use strict;
use warnings;
use lib 'tests/lib';
use MailRoot qw(messages program);
use StoreTest;
use Test::More;

plain_build('system calls');
needs_strace();

my $root = new_root();
my $count = 300;
for my $user ('free', 'limited') {
	add($root, "$user\@example.com", undef);
	put($root, "mail/example.com/$user/" . ($_ % 2 ? 'new' : 'cur') . "/17000000$_.m$_.host,S=100,W=110" . ($_ % 2 ? '' : ':2,S'), "x\n")
	    for 100 .. 99 + $count;
}
put($root, 'accounts/example.com/limited/quota', "1000000\n");
put($root, "mail/example.com/limited/new/1700000001.one.host", "without a size\n");

# The system calls of a session with so many RCPT commands, and a message or not.
sub calls {
	my ($user, $recipients, $with_message) = @_;
	my $log = "$root.trace";
	my ($output, $status) = smtp_session($root, "EHLO x\r\nMAIL FROM:<sender\@client.example>\r\n" . "RCPT TO:<$user\@example.com>\r\n" x $recipients
	    . ($with_message ? "DATA\r\ntext\r\n.\r\n" : '') . "QUIT\r\n", before => [ 'strace', '-f', '-y', '-q', '-o', $log ]);
	is($status, 0, 'the session ends well');
	is(scalar(() = $output =~ /^250 2\.1\.5 /mg), $recipients, 'all recipients are taken') or diag $output;
	my @calls = split /\n/, octets_of($log);
	unlink $log;
	return @calls;
}

# How often these calls were made, and a file or directory below a mailbox was in them.
sub times_of {
	my ($user, $call, @calls) = @_;
	return scalar grep { m{^\d+ +(?:$call)\(.*(?:/$user/(?:new|cur)\b|\bm\d+\.host)} } @calls;
}

# Directories that were read: a reading ends with a getdents that returns 0.
sub readings {
	my ($user, $part, @calls) = @_;
	return scalar grep { m{^\d+ +getdents64\(\d+<[^>]*/$user/$part>.*= 0$} } @calls;
}

my @free = calls('free', 3, 1);
is(readings('free', $_, @free), 0, "without a quota $_ is not read") for 'new', 'cur'; ## smtp-stdio-quota-a
is(scalar(grep { /getdents64\(.*mail/ } @free), 0, 'nor any other directory of the mail'); ## smtp-stdio-quota-a
is(times_of('free', '\w*stat\w*', @free), 0, 'nor any message looked at'); ## smtp-stdio-quota-a

my $bare = () = calls('free', 1, 1);
unlink messages($root, 'free@example.com');
my $empty = () = calls('free', 1, 1);
cmp_ok(abs($bare - $empty), '<=', 5, "$bare calls with $count messages, $empty with none"); ## smtp-stdio-quota-a

for my $recipients (1, 3) {
	for my $with_message (0, 1) {
		my @limited = calls('limited', $recipients, $with_message);
		my $what = "$recipients RCPT, " . ($with_message ? 'with' : 'without') . ' a message';
		is(readings('limited', $_, @limited), 1, "$what: $_ is read once") for 'new', 'cur'; ## smtp-stdio-quota-a
		my $looks = grep { m{\b\w*stat\w*\(.*\bm\d+\.host} } @limited;
		is($looks, 0, "$what: no message with a size in its name is looked at"); ## smtp-stdio-quota-a
		my $one = grep { m{\b\w*stat\w*\(.*\bone\.host} } @limited;
		is($one, 1, "$what: one without is, once"); ## smtp-stdio-quota-a
	}
}

# A list that a client names again and again is expanded once.
add($root, 'list@example.com', undef);
put($root, 'accounts/example.com/list/forward', "free\@example.com\n");
my @again = calls('list', 20, 0);
is(scalar(grep { m{openat\([^)]*"list/forward".*/list/forward>} } @again), 1, 'named twenty times, it is read once'); ## smtp-stdio-forward
done_testing();
