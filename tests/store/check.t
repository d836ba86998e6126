#!/usr/bin/perl
# mailstore check names each thing that is wrong in the mail root in one line, and changes
# nothing; check -r mends what can be mended, and only that, and says so; the next check
# finds what is left.
use strict;
use warnings;
use lib 'tests/lib';
use MailRoot qw(messages program);
use StoreTest;
use Test::More;
use Time::HiRes qw(sleep time);

my $bob = 'bob@example.com';
my $maildir = 'mail/example.com/bob';
my $text = "Subject: one\n\nfirst\n";
my $name = '1700000001.one.host';

# Lets all that is there be an hour old, so that nobody can be at work on it.
sub age {
	my ($root) = @_;
	utime time - 3600, time - 3600, grep { !-l } $root, map { "$root/$_" } entries($root);
}

sub new_case {
	my $root = new_root();
	add($root, $bob, 'secret');
	return $root;
}

# Names, types, modes, sizes and contents of all that is there.
sub state_of {
	my ($root) = @_;
	my %state;
	for (entries($root)) {
		my @status = lstat "$root/$_";
		$state{$_} = join ' ', @status[1, 2, 4, 7], -f _ ? octets_of("$root/$_") : -l _ ? readlink "$root/$_" : '';
	}
	return \%state;
}

sub check_says {
	my ($root, $flags, $expected, $status, $what) = @_;
	my ($got, $output) = mailstore($root, '', 'check', @$flags);
	is_deeply([ sort split /\n/, $output ], [ sort @$expected ], $what);
	is($got, $status, "$what: exit status");
}

# Name; how it comes to that; each finding, with what is said of it with -r (undef: nothing
# is done); what must hold after -r.
my @cases = (
	[ 'modes', sub {
		my ($root) = @_;
		put($root, "$maildir/new/$name,S=20,W=23", $text);
		put($root, 'accounts/example.com/bob/quota', "1000\n");
		age($root);
		chmod 0755, map { "$root/$_" } 'passwords', 'mail/example.com', "$maildir/new";
		chmod 0644, map { "$root/$_" } "$maildir/new/$name,S=20,W=23", 'accounts/example.com/bob/quota',
		    'passwords/example.com/bob', 'passwords/.secret';
		chmod 0070, "$root/$maildir/cur";
		chmod 0400, "$root/$maildir/pop3-lock";
	}, [ 'passwords: has mode 0755' => 'has 0700 now' ], [ 'mail/example.com: has mode 0755' => 'has 0700 now' ],
	[ "$maildir/new: has mode 0755" => 'has 0700 now' ], [ "$maildir/cur: has mode 0070" => 'has 0700 now' ],
	[ "$maildir/new/$name,S=20,W=23: has mode 0644" => 'has 0600 now' ],
	[ 'accounts/example.com/bob/quota: has mode 0644' => 'has 0600 now' ],
	[ 'passwords/example.com/bob: has mode 0644' => 'has 0600 now' ],
	[ 'passwords/.secret: has mode 0644' => 'has 0600 now' ] ],

	[ 'the mode of the mail root', sub { chmod 0750, $_[0] }, [ '.: has mode 0750' => 'has 0700 now' ] ],

	[ 'things that do not belong there', sub {
		my ($root) = @_;
		put($root, $_, '') for 'README', 'accounts/example.com/bob/forward~', 'outgoing/x', 'outgoing/message/m';
		mkdir "$root/$_", 0700 for 'accounts/.git', 'accounts/Example.ORG', 'accounts/example.com/BOB',
		    'passwords/not a domain', 'mail/.old', "mail/example.com/\x{1}\e[2J", 'mail/lost+found';
	}, [ 'README: does not belong here' ], [ 'accounts/example.com/bob/forward~: does not belong here' ],
	[ 'outgoing/x: does not belong here' ], [ 'outgoing/message/m: does not belong here: no id of a message' ],
	[ 'accounts/.git: does not belong here: no name of a domain' ],
	[ 'accounts/Example.ORG: does not belong here: no name of a domain' ],
	[ 'accounts/example.com/BOB: does not belong here: no name of an account' ],
	[ 'passwords/not a domain: does not belong here: no name of a domain' ],
	[ 'mail/.old: does not belong here: no name of a domain' ],
	[ 'mail/example.com/??[2J: does not belong here: no name of an account' ] ],

	[ 'what is no file and no directory', sub {
		my ($root) = @_;
		symlink '/', "$root/mail/example.org";
		symlink '/etc/passwd', "$root/$maildir/new/1700000002.two.host,S=1,W=1";
		mkdir "$root/$maildir/cur/1700000003.three.host", 0700;
		put($root, 'accounts/example.com/ann', '');
		rmdir "$root/$maildir/tmp";
		put($root, "$maildir/tmp", '');
		unlink "$root/passwords/.secret";
		mkdir "$root/passwords/.secret", 0700;
	}, [ 'mail/example.org: is a symbolic link, which nothing follows' ],
	[ "$maildir/new/1700000002.two.host,S=1,W=1: is a symbolic link, which nothing follows" ],
	[ "$maildir/cur/1700000003.three.host: is no regular file" ], [ 'accounts/example.com/ann: is no directory' ],
	[ "$maildir/tmp: is no directory" ], [ 'passwords/.secret: is no regular file' ] ],

	[ 'what was left behind', sub {
		my ($root) = @_;
		my $random = '0123456789abcdef';
		put($root, 'mail/.incoming/1700000001.x.host', $text);
		put($root, 'mail/.incoming/1700000002.y.host', '');
		put($root, "$_/.new.$random", 'x') for 'passwords', 'passwords/example.com', 'accounts/example.com/bob';
		put($root, "mail/.removed.$random/new/$name", $text);
		put($root, "mail/.removed.$random/pop3-lock", '');
		put($root, "accounts/.removed.$random/quota", "1\n");
		put($root, "$maildir/tmp/$_", $text) for 'old', 'young';
		put($root, "$maildir/removed", '');
		age($root);
		utime time - 37 * 3600, time - 37 * 3600, "$root/$maildir/tmp/old";
	}, [ 'mail/.incoming/1700000001.x.host: was left by an interrupted delivery' => 'removed' ],
	[ 'mail/.incoming/1700000002.y.host: was left by an interrupted delivery' => 'removed' ],
	map({ [ "$_/.new.0123456789abcdef: was left by an interrupted change" => 'removed' ] }
	    'passwords', 'passwords/example.com', 'accounts/example.com/bob'),
	map({ [ "$_/.removed.0123456789abcdef: was left by an interrupted removal" => 'removed' ] } 'mail', 'accounts'),
	[ "$maildir/tmp/old: was left here 36 hours ago" => 'removed' ],
	[ "$maildir: has the mark of an interrupted removal" => 'the account stays' ],
	sub {
		my ($root) = @_;
		is_deeply([ entries("$root/mail") ], [ '.incoming', 'example.com', map { "example.com/$_" } 'bob',
		    map { "bob/$_" } 'cur', 'new', 'pop3-lock', 'tmp', 'tmp/young' ], 'only that is gone');
	} ],

	[ 'a removal that was interrupted', sub {
		my ($root) = @_;
		add($root, 'ann@example.com');
		put($root, "mail/example.com/ann/$_", $text) for "new/$name,S=20,W=23", 'removed';
		rmdir "$root/accounts/example.com/ann" or die "$!\n";
	}, [ 'mail/example.com/ann: was left by an interrupted removal' => 'removed' ],
	sub { ok(!-e "$_[0]/mail/example.com/ann", 'it is finished') } ],

	[ 'mail and passwords of no account', sub {
		my ($root) = @_;
		add($root, 'ann@example.com', 'other');
		put($root, "mail/example.com/ann/new/$name,S=20,W=23", $text);
		rmdir "$root/accounts/example.com/ann" or die "$!\n";
	}, [ 'mail/example.com/ann: is a mailbox of no account' ], [ 'passwords/example.com/ann: is a password of no account' ],
	sub { is(scalar messages($_[0], 'ann@example.com'), 1, 'the mail is there still') } ],

	[ 'sizes in names', sub {
		my ($root) = @_;
		put($root, "$maildir/$_", $text) for "new/$name,S=20,W=23", 'new/1700000002.two.host,S=21,W=23',
		    'cur/1700000003.three.host,S=20,W=24:2,FS', 'cur/1700000004.four.host,U=7,S=1,X=2:2,T', 'new/1700000005.five.host',
		    'cur/1700000006.six.host,S=20:2,', 'cur/.hidden';
	}, [ "$maildir/new/1700000002.two.host,S=21,W=23: has in fact 20 octets, 23 on the wire" => 'renamed to say so' ],
	[ "$maildir/cur/1700000003.three.host,S=20,W=24:2,FS: has in fact 20 octets, 23 on the wire" => 'renamed to say so' ],
	[ "$maildir/cur/1700000004.four.host,U=7,S=1,X=2:2,T: has in fact 20 octets, 23 on the wire" => 'renamed to say so' ],
	sub {
		my ($root) = @_;
		is_deeply([ map { s{.*/}{}r } messages($root, $bob) ], [ "$name,S=20,W=23", '1700000002.two.host,S=20,W=23',
		    '1700000003.three.host,S=20,W=23:2,FS', '1700000004.four.host,U=7,S=20,X=2:2,T', '1700000005.five.host',
		    '1700000006.six.host,S=20:2,' ], 'unique-ids, flags and all else stay');
	} ],

	[ 'a base name twice', sub {
		my ($root) = @_;
		put($root, "$maildir/new/$name,S=20,W=23", $text);
		link "$root/$maildir/new/$name,S=20,W=23", "$root/$maildir/cur/$name,S=20,W=23:2,S" or die "$!\n";
		put($root, "$maildir/$_", $text) for 'new/1700000002.two.host,S=20,W=23', 'new/1700000003.three.host,S=20,W=23',
		    'cur/1700000003.three.host,S=20,W=23:2,F', 'cur/1700000004.four.host,S=20,W=23:2,F',
		    'cur/1700000004.four.host,S=20,W=23:2,S';
		put($root, "$maildir/cur/1700000002.two.host,S=5,W=6:2,", "else\n");
		put($root, "$maildir/cur/1700000002.two,S=5,W=6:2,", "else\n");
	}, [ "$maildir/new/$name,S=20,W=23: is in the mailbox twice" => 'removed' ],
	[ "$maildir/new/1700000002.two.host,S=20,W=23: has the base name of another message" ],
	[ "$maildir/new/1700000003.three.host,S=20,W=23: is in the mailbox twice" => 'removed' ],
	[ "$maildir/cur/1700000004.four.host,S=20,W=23:2,F: has the base name of another message" ],
	sub { is(octets_of("$_[0]/$maildir/cur/$name,S=20,W=23:2,S"), $text, 'it is there once') } ],

	[ 'files that are not what they have to be', sub {
		my ($root) = @_;
		add($root, "$_\@example.com") for 'ann', 'carl', 'dora';
		put($root, 'passwords/example.com/bob', "secret\n");
		put($root, 'passwords/.secret', 'short');
		put($root, 'accounts/example.com/bob/quota', "10m\n");
		put($root, 'accounts/example.com/bob/forward', "ann\@example.com\nnobody\n");
		put($root, 'accounts/example.com/ann/forward', "\n\n");
		put($root, 'accounts/example.com/carl/forward', "a\0b\@example.com\n");
		put($root, 'accounts/example.com/dora/forward', "ann\@example.com\n" x 1001);
		put($root, 'passwords/example.com/ann', "\$6\$salt\$hash\n");
	}, [ 'passwords/example.com/bob: is malformed: no verifier' ], [ 'passwords/.secret: is malformed: not 32 octets' ],
	[ 'accounts/example.com/bob/quota: is malformed: no number of octets' ],
	[ 'accounts/example.com/bob/forward: is malformed: a line is no address' ],
	[ 'accounts/example.com/ann/forward: is malformed: no address in it' ],
	[ 'accounts/example.com/carl/forward: is malformed: a NUL, or too long' ],
	[ 'accounts/example.com/dora/forward: is malformed: too many addresses' ] ],

	[ 'the queue', sub {
		my ($root) = @_;
		my @ids = map { queue_id($_) } 1 .. 6;
		my $envelope = "arrived 1700000000\nfrom <>\nto 0 1700000000 <a\@example.org>\n";
		queue_entry($root, $ids[0], $text, $envelope);
		queue_entry($root, $ids[1], $text);
		queue_entry($root, $ids[2], undef, $envelope);
		queue_entry($root, $ids[3], $text, "$envelope\n");
		queue_entry($root, $ids[4], $text, $envelope);
		put($root, "outgoing/envelope/.new.$ids[0]", '');
		age($root);
		unlink "$root/outgoing/envelope/$ids[4]";
		symlink $ids[0], "$root/outgoing/envelope/$ids[4]";
		mkdir "$root/outgoing/message/$ids[5]", 0700;
		chmod 0644, map { "$root/outgoing/$_/$ids[0]" } 'message', 'envelope';
		chmod 0755, map { "$root/outgoing/$_" } 'message', '.';
	}, [ 'outgoing: has mode 0755' => 'has 0700 now' ], [ 'outgoing/message: has mode 0755' => 'has 0700 now' ],
	map({ [ "outgoing/$_/" . queue_id(1) . ': has mode 0644' => 'has 0600 now' ] } 'message', 'envelope'),
	[ 'outgoing/message/' . queue_id(2) . ': was left by an interrupted delivery' => 'removed' ],
	[ 'outgoing/envelope/' . queue_id(3) . ': is an envelope without its message' ],
	[ 'outgoing/envelope/' . queue_id(4) . ': is malformed: no envelope' ],
	[ 'outgoing/envelope/' . queue_id(5) . ': is a symbolic link, which nothing follows' ],
	[ 'outgoing/message/' . queue_id(6) . ': is no regular file' ],
	[ 'outgoing/envelope/.new.' . queue_id(1) . ': does not belong here: no id of a message' ],
	sub {
		my ($root) = @_;
		is(octets_of("$root/outgoing/message/" . queue_id($_)), $text, 'no message with an envelope is gone') for 1, 4, 5;
	} ],

	[ 'missing directories', sub {
		my ($root) = @_;
		rmdir "$root/$maildir/$_" or die "$!\n" for 'tmp', 'new', 'cur';
	}, map({ [ "$maildir/$_: is missing" => 'made' ] } 'tmp', 'new', 'cur'),
	sub {
		my ($root) = @_;
		is((stat "$root/$maildir/$_")[2] & 07777, 0700, "$_ is there") for 'tmp', 'new', 'cur';
	} ],
);

for (@cases) {
	my ($what, $prepare, @findings) = @$_;
	my $after = ref $findings[-1] eq 'CODE' ? pop @findings : sub { };
	my $root = new_case();
	$prepare->($root);
	age($root) unless $what =~ /behind/;
	my $before = state_of($root);
	check_says($root, [], [ map { $_->[0] } @findings ], 65, $what);
	is_deeply(state_of($root), $before, "$what: nothing is changed");
	my @left = map { $_->[1] ? () : $_->[0] } @findings;
	check_says($root, ['-r'], [ map { $_->[1] ? "$_->[0]; $_->[1]" : $_->[0] } @findings ], @left ? 65 : 0, "$what: mended");
	check_says($root, [], \@left, @left ? 65 : 0, "$what: after that");
	$after->($root);
}

# A mailbox in use is left out by -r, and the rest is not.
my $root = new_case();
add($root, 'ann@example.com', 'other');
for ('ann', 'bob') {
	put($root, "mail/example.com/$_/new/$name,S=1,W=23", $text);
}
age($root);
my $client = logged_in($root, $bob, 'secret');
my @wrong = map { "mail/example.com/$_/new/$name,S=1,W=23: has in fact 20 octets, 23 on the wire" } 'ann', 'bob';
check_says($root, [], \@wrong, 65, 'a check needs no lock');
check_says($root, ['-r'], [ "$wrong[0]; renamed to say so", "$maildir: in use by another process; left out" ], 75,
    'what a session has is not mended');
like(ask($client, 'RETR 1'), qr/^\+OK/, 'the session goes on');
$client->close_input;
$client->rest;
$client->status;
check_says($root, ['-r'], [ "$wrong[1]; renamed to say so" ], 0, 'when it has ended it is');
my $out = logged_in($root, $bob, 'secret');
ok($out, 'and there is no lock left');
undef $out;

# A message that is being received is no stale one, however old; when its writer is dead it
# is, at once.
$root = new_case();
my $sender = Program->start(command => [program('smtp-stdio'), '-d', $root]);
$sender->line;
$sender->ask($_) for 'HELO c', 'MAIL FROM:<>', "RCPT TO:<$bob>", 'DATA';
my $lines = ('x' x 70 . "\r\n") x 5000;
$sender->send($lines);
my $deadline = time + 20;
my @incoming;
while (!@incoming && time < $deadline) {
	sleep 0.02;
	@incoming = grep { -s "$root/mail/.incoming/$_" } entries("$root/mail/.incoming");
}
is(scalar @incoming, 1, 'a message is being received');
age($root);
check_says($root, ['-r'], [], 0, 'it is left alone');
is_deeply([ entries("$root/mail/.incoming") ], \@incoming, 'it is there');
$sender->stop;
check_says($root, [], [ "mail/.incoming/$incoming[0]: was left by an interrupted delivery" ], 65, 'it is stale');
check_says($root, ['-r'], [ "mail/.incoming/$incoming[0]: was left by an interrupted delivery; removed" ], 0, 'and goes');

# One that has no lock yet gets the time to take it.
$root = new_case();
put($root, 'mail/.incoming/1700000002.y.host', '');
my $writer = fork;
die "fork: $!\n" unless defined $writer;
if (!$writer) {
	open my $file, '+<', "$root/mail/.incoming/1700000002.y.host" or Program::give_up();
	require Fcntl;
	require POSIX;
	sleep 1;
	my $lock = pack 's s l! l! i x64', Fcntl::F_WRLCK(), 0, 0, 0, 0;
	fcntl $file, Fcntl::F_SETLK(), $lock or Program::give_up();
	sleep 0.05 until getppid == 1 || !-e "$root/mail/.incoming/1700000002.y.host";
	POSIX::_exit(0);
}
check_says($root, ['-r'], [], 0, 'a message whose writer has only just begun');
ok(-e "$root/mail/.incoming/1700000002.y.host", 'is no stale one');
unlink "$root/mail/.incoming/1700000002.y.host";
waitpid $writer, 0;

# A message that gets its envelope only now, or has lost it just now, is held.
$root = new_case();
queue_entry($root, queue_id(1), $text);
mkdir "$root/outgoing/envelope", 0700;
age($root);
my $holder = held("$root/outgoing/message/" . queue_id(1));
check_says($root, ['-r'], [], 0, 'a message on its way into the queue');
undef $holder;
check_says($root, [], [ 'outgoing/message/' . queue_id(1) . ': was left by an interrupted delivery' ], 65, 'which was left there');
rmdir "$root/outgoing/envelope";
check_says($root, ['-r'], [ 'outgoing/message/' . queue_id(1) . ': was left by an interrupted delivery; removed' ], 0, 'and goes');

is((mailstore($root, '', 'check', 'extra'))[0], 64, 'check takes no operand');
is((mailstore(new_root(), '', 'check'))[0], 75, 'and a mail root that is there');
done_testing();
