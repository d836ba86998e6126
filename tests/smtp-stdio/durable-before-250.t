# What must have happened before 250 is said, in the order of the system calls: the file
# is synced, linked into new/, new/ is synced, and every directory that had to be made is
# synced with its parent.  The name in .incoming is gone by then.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;

my $strace = need('strace', 'strace');
need_plain_build();

my $root = new_root('bob@example.com', 'alice@example.com');
my $real = `cd '$root' && pwd -P`;
chomp $real;
my $log = new_file('trace');

# Runs a session under strace.  Returns the calls as [ name, all the rest of the line ];
# -y writes the path behind each descriptor.
sub traced {
	my ($input, @flags) = @_;
	my ($output, $status) = run($input, [ $strace, '-f', '-y', '-s', '200', '-o', $log, '-e', 'signal=none', '-e',
	    'trace=fsync,fdatasync,link,linkat,mkdir,mkdirat,unlink,unlinkat,write,writev,sendto,sendmsg,rename,renameat,renameat2',
	    program('smtp-stdio'), '-d', $real, @flags ], wire => 'pipes');
	plan skip_all => "strace cannot trace here: $output" if !-s $log && !$ENV{STRICT};
	is($status, 0, 'the session under strace ends well');
	return map { /^\d+ +(\w+)\((.*)$/ ? [ $1, $2 ] : () } split /\n/, contents($log);
}

# The place of the first call from $from on that matches; -1 where there is none.
sub place {
	my ($calls, $from, $name, $rest) = @_;
	for my $place ($from .. $#$calls) {
		return $place if $calls->[$place][0] =~ /^(?:$name)$/ && $calls->[$place][1] =~ $rest;
	}
	return -1;
}

sub is_before {
	my ($first, $then, $what) = @_;
	ok($first >= 0 && $then > $first, $what) or diag "at $first, and at $then";
}

my $transaction = "HELO client.example\r\nMAIL FROM:<sender\@client.example>\r\n%sDATA\r\ntext\r\n.\r\nQUIT\r\n";
my $SYNC = 'fsync|fdatasync';
my $WRITE = 'write|writev|sendto|sendmsg';

for my $round ('the first message', 'a later message') {
	my @calls = traced(sprintf $transaction, "RCPT TO:<bob\@example.com>\r\nRCPT TO:<alice\@example.com>\r\n");
	my $synced = place(\@calls, 0, $SYNC, qr{^\d+<[^>]*/\.incoming/[^>]+>});
	my $said = place(\@calls, 0, $WRITE, qr{250 2\.0\.0 OK id=});
	my $gone = place(\@calls, 0, 'unlink|unlinkat', qr{/\.incoming[/>]});
	is_before($synced, $said, "$round: the file is synced before 250"); ## smtp-5321-4.2.5-a smtp-stdio-store-c
	is(place(\@calls, $synced + 1, $WRITE, qr{^\d+<[^>]*/\.incoming/}), -1, "$round: and not written after that"); ## smtp-stdio-store-c
	for my $user ('bob', 'alice') {
		my $linked = place(\@calls, 0, 'link|linkat|renameat2', qr{example\.com/$user/new|/$user/new});
		my $directory = place(\@calls, $linked, $SYNC, qr{/$user/new>});
		is_before($synced, $linked, "$round: $user\'s link is made after the file is synced"); ## smtp-stdio-store-c
		is_before($linked, $directory, "$round: $user\'s new/ is synced after that"); ## smtp-5321-4.2.5-a smtp-stdio-store-c
		is_before($directory, $said, "$round: and before 250"); ## smtp-5321-4.2.5-a
		is_before($directory, $gone, "$round: and before the name in .incoming goes"); ## smtp-stdio-store-c
	}
	is_before($gone, $said, "$round: which goes before 250"); ## smtp-stdio-store-c
	made_are_synced($round, \@calls, $said);
}
my @calls = traced(sprintf($transaction, "RCPT TO:<new\@example.com>\r\nRCPT TO:<postmaster\@example.com>\r\n"), '-c');
made_are_synced('new accounts', \@calls, place(\@calls, 0, $WRITE, qr{250 2\.0\.0 OK id=}));

# Where a mailbox cannot be written, what the others have is taken back, and that is synced
# too before 451 is said.
add_account($root, 'carl@example.com');
system 'rm', '-rf', "$root/mail/example.com/carl";
system 'mkdir', '-p', "$root/mail/example.com/carl";
open my $file, '>', "$root/mail/example.com/carl/new" or die "new: $!\n";
close $file;
@calls = traced(sprintf $transaction, "RCPT TO:<bob\@example.com>\r\nRCPT TO:<carl\@example.com>\r\n");
my $linked = place(\@calls, 0, 'link|linkat|renameat2', qr{/bob/new});
my $undone = place(\@calls, 0, 'unlink|unlinkat', qr{/bob/new});
my $resynced = place(\@calls, $undone, $SYNC, qr{/bob/new>});
my $refused = place(\@calls, 0, $WRITE, qr{451 4\.3\.0 });
is_before($linked, $undone, 'a link that was made is taken back'); ## smtp-5321-4.2.5-b
is_before($undone, $resynced, 'that is synced'); ## smtp-5321-4.2.5-b
is_before($resynced, $refused, 'before the message is refused'); ## smtp-5321-4.2.5-b

done_testing;

# Each directory that was made and whose name did not fail: its parent is synced before 250.
sub made_are_synced {
	my ($round, $calls, $said) = @_;
	for my $place (0 .. $#$calls) {
		my ($name, $rest) = @{$calls->[$place]};
		next unless $name =~ /^mkdir/ && $rest =~ /= 0$/;
		my ($parent, $path) = $rest =~ /^(?:\w+<([^>]*)>, )?"([^"]*)"/;
		my $full = $path =~ m{^/} ? $path : "$parent/$path";
		my ($above) = $full =~ m{^(.*)/[^/]+/?$};
		is_before(place($calls, $place, $SYNC, qr{^\d+<\Q$above\E>}), $said, "$round: $full: its parent is synced"); ## smtp-5321-4.2.5-a
	}
}
