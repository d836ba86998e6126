#!/usr/bin/perl
# mailstore check is silent about all that the programs make themselves: a fresh mail root,
# one after each ordinary operation, and one that senders, readers and check -r itself work
# on at the same time, none of whom it disturbs.
use strict;
use warnings;
use lib 'tests/lib';
use FaultTest;
use MailRoot qw(messages program);
use POSIX ();
use StoreTest;
use Test::More;
use Time::HiRes qw(time);

my ($bob, $ann) = ('bob@example.com', 'ann@example.com');
my $root = new_root();

sub silent {
	my ($what, @flags) = @_;
	my ($status, $output) = mailstore($root, '', 'check', @flags);
	is("$status $output", '0 ', "$what: nothing is found");
}

add($root, $bob, 'secret');
silent('a fresh mail root');
my ($status, undef, $said) = mailstore($root, '', 'check');
if ($> == 0) {
	is($said, "mailstore: running as root: the mail root belongs to root\n", 'whose root it is, it says');
} else {
	is($said, '', 'nothing is said');
}
for ([ 'add', '-n', $ann ], [ 'add', '-n', '*@example.net' ], [ 'add', '-n', "j\xc3\xb6rg\@b\xc3\xbccher.example" ],
    [ 'passwd', $bob ], [ 'forward', $ann, $bob, $ann ], [ 'quota', $bob, '100m' ], [ 'list', 'example.com' ],
    [ 'add', '-n', 'gone@example.org' ], [ 'remove', '-f', 'gone@example.org' ]) {
	my ($got) = mailstore($root, "other\n", @$_);
	is($got, 0, "mailstore @$_");
	silent("mailstore @$_");
}
my ($output) = smtp_session($root, "EHLO c\r\nMAIL FROM:<a\@client.example>\r\n"
    . join('', map { "RCPT TO:<$_>\r\n" } $ann, $bob, 'new@example.com', 'postmaster', 'x@example.net')
    . "DATA\r\nSubject: x\r\n\r\nx\r\n.\r\nMAIL FROM:<>\r\nRCPT TO:<other\@example.com>\r\nQUIT\r\n", flags => ['-c']);
like($output, qr/^354 .*\r\n250 /m, 'a delivery');
silent('a delivery, and an account without mail');
put($root, 'mail/example.com/bob/new/1700000001.one.host', "Subject: one\n\nfirst\n");
put($root, 'mail/example.com/bob/cur/1700000002.two.host:2,S', "Subject: two\r\n\r\nsecond");
silent('mail from other programs');
put($root, "mail/example.com/bob/$_", '') for 'dovecot-uidlist', '.Sent/maildirfolder', '.Sent/cur/x', 'subscriptions';
silent('what other programs keep');
pop3_session($root, "USER $bob\r\nPASS other\r\nRETR 1\r\nDELE 1\r\nQUIT\r\n");
silent('a POP3 session');
my $client = logged_in($root, $bob, 'other');
silent('within a POP3 session');
undef $client;

# What check -r may meet of it is left out, but never called wrong, and nothing is lost.
my ($senders, $each) = (20, 8);
my @sending;
for my $sender (1 .. $senders) {
	my $pid = fork;
	die "fork: $!\n" unless defined $pid;
	if (!$pid) {
		my @texts = map { "Subject: $sender.$_\n\n" . "body $sender.$_\n" x 50 } 1 .. $each;
		my @final = eval { send_messages($root, [], [ $bob, $ann ], @texts) };
		POSIX::_exit(@final == $each && !grep({ !/^250 / } @final) ? 0 : 1);
	}
	push @sending, $pid;
}
my ($wrong, $checks, $deadline) = ('', 0, time + 60);
my $failed = 0;
while (@sending && time < $deadline) {
	my ($got, $found) = mailstore($root, '', 'check', $checks++ % 2 ? '-r' : ());
	$wrong .= "$got: $found" if $got ne '0';
	@sending = grep { my $done = waitpid $_, POSIX::WNOHANG(); $failed++ if $done > 0 && $?; $done <= 0 } @sending;
}
kill 'KILL', @sending;
is($wrong, '', "nothing is found by $checks checks while $senders senders work");
cmp_ok($checks, '>', 1, 'there were some');
is($failed + @sending, 0, 'every message is taken');
my %subjects = map { octets_of($_) =~ /^Subject: (\d+\.\d+)$/m ? ($1 => 1) : () } messages($root, $bob);
is(scalar keys %subjects, $senders * $each, 'and is there');
silent('in the end');
done_testing();
