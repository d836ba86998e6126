# In LMTP each reply is a promise of its own: before 250 goes out for a recipient, the message
# is in his mailbox and on disk; and it goes out before the next mailbox is worked on.  Shown
# by the order of the system calls.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;

my $strace = need('strace', 'strace');
need_plain_build();

my @users = ('ann', 'bob', 'carl');
my $root = new_root(map { "$_\@example.com" } @users, 'forwarded', 'far');
my $real = `cd '$root' && pwd -P`;
chomp $real;
my $log = new_file('trace');
open my $forward, '>', "$root/accounts/example.com/forwarded/forward" or die "forward: $!\n";
print $forward "far\@example.com\n";
close $forward or die "forward: $!\n";

my $SYNC = 'fsync|fdatasync';
my $LINK = 'link|linkat';
my $WRITE = 'write|writev|sendto|sendmsg';

# Runs a session under strace.  Returns the calls as [ name, all the rest of the line ].
sub traced {
	my ($input) = @_;
	my ($output, $status) = run($input, [ $strace, '-f', '-y', '-s', '300', '-o', $log, '-e', 'signal=none', '-e',
	    'trace=fsync,fdatasync,?link,linkat,?unlink,unlinkat,write,writev,sendto,sendmsg,?rename,renameat,?renameat2',
	    program('smtp-stdio'), '-l', '-d', $real ], wire => 'pipes');
	plan skip_all => "strace cannot trace here: $output" if !-s $log && !$ENV{STRICT};
	is($status, 0, 'the session under strace ends well');
	return map { /^\d+ +(\w+)\((.*)$/ ? [ $1, $2 ] : () } split /\n/, contents($log);
}

# The places of all calls that match.
sub places {
	my ($calls, $name, $rest) = @_;
	return grep { $calls->[$_][0] =~ /^(?:$name)$/ && $calls->[$_][1] =~ $rest } 0 .. $#$calls;
}

sub is_before {
	my ($first, $then, $what) = @_;
	ok(defined $first && defined $then && $first < $then, $what)
	    or diag 'at ', map { defined $_ ? "$_ " : 'no place ' } $first, $then;
}

my $envelope = "LHLO client.example\r\nMAIL FROM:<sender\@client.example>\r\n"
    . join '', map { "RCPT TO:<$_\@example.com>\r\n" } 'ann', 'bob', 'forwarded', 'carl';
for (['DATA', "DATA\r\ntext\r\n.\r\n"], ['BDAT', "BDAT 6 LAST\r\ntext\r\n"]) {
	my ($verb, $message) = @$_;
	my @calls = traced("$envelope${message}QUIT\r\n");
	my @said = places(\@calls, $WRITE, qr{^1<[^>]*>, ".*250 2\.0\.0 OK id=});
	is(scalar @said, 4, "$verb: each of the four replies is written by itself"); ## lmtp-2033-5-c lmtp-2033-4.2-a
	my ($synced) = places(\@calls, $SYNC, qr{^\d+<[^>]*/\.incoming/[^>]+>});
	my $number = 0;
	my $before;
	for my $user ('ann', 'bob', 'far', 'carl') {
		my ($linked) = places(\@calls, $LINK, qr{/$user/new[/>]});
		my ($safe) = places(\@calls, $SYNC, qr{/$user/new>});
		is_before($synced, $linked, "$verb: the message is synced before it is linked for $user"); ## lmtp-2033-4.2-d
		is_before($linked, $safe, "$verb: that is synced"); ## lmtp-2033-4.2-d
		is_before($safe, $said[$number], "$verb: before 250 is said"); ## lmtp-2033-4.2-d smtp-5321-4.2.5-a
		is_before($before, $linked, "$verb: the reply before is out by then") if defined $before; ## lmtp-2033-5-c
		$before = $said[$number++];
	}
	my ($copied) = places(\@calls, $WRITE, qr{^\d+<[^>]*/\.incoming/[^>]+>, ".*Delivered-To: forwarded});
	is_before($said[1], $copied, "$verb: and before a copy is written"); ## lmtp-2033-5-c
	my @copy = grep { $_ > ($copied || 0) } places(\@calls, $SYNC, qr{^\d+<[^>]*/\.incoming/[^>]+>});
	my ($linked) = places(\@calls, $LINK, qr{/far/new[/>]});
	is_before($copy[0], $linked, "$verb: which is synced before it is linked"); ## lmtp-2033-4.2-d
}
is(scalar messages($root, "$_\@example.com"), 2, "both messages are $_\'s") for 'ann', 'bob', 'far', 'carl'; ## lmtp-2033-4.2-d

done_testing;
