# pop3-fetch and popa3d, which has neither CAPA nor AUTH and keeps its mail in mbox files.
# It knows the users of the host only, and so has a host of its own here: its own users,
# passwords and mail, where it alone sees them.
use strict;
use warnings;
use lib 'tests/lib';
use Test::More;
use FetchTest;
use PeerTest qw(has_ipv6 need run scratch_dir slurp spew start_on_loopback);

need(root => '', popa3d => 'popa3d', unshare => 'util-linux', openssl => 'openssl',
	'systemd-socket-activate' => 'systemd');

my $dir = scratch_dir();
my $uid = 61000;
mkdir "$dir/$_" or die "$dir/$_: $!\n" for 'mail', 'pam.d';
chmod 01777, "$dir/mail";
my (undef, $hash) = run(['openssl', 'passwd', '-6', 'secret']);
chomp $hash;
spew("$dir/passwd", <<"END");
root:x:0:0::/:/bin/sh
popa3d:x:60999:60999::/:/bin/false
bob:x:$uid:${uid}::/:/bin/false
END
spew("$dir/group", "root:x:0:\nbob:x:${uid}:\n");
spew("$dir/shadow", "root:*:20000::::::\npopa3d:*:20000::::::\nbob:$hash:20000::::::\n");
spew("$dir/pam.d/popa3d", "auth required pam_unix.so nodelay\naccount required pam_unix.so\n");

# In front of the supervisor's command: what the host's files are for it.
my @as = ('unshare', '--mount', 'sh', '-ec', <<'END', 'sh', $dir);
for file in passwd group shadow pam.d; do
	mount --bind "$1/$file" "/etc/$file"
done
mount --bind "$1/mail" /var/mail
mount -t tmpfs none /var/lib
mkdir -m 755 /var/lib/popa3d
shift
exec "$@"
END
plan skip_all => 'needs mounts of its own' if !$ENV{STRICT} && (run([@as, 'true']))[0] != 0;

# Messages into the mailbox, as mbox has them.
sub fill
{
	my $mbox = spew("$dir/mail/bob", join '', map { "From anna\@example.org Sat Nov 21 10:00:00 2026\n$_\n" } @_);

	chmod 0600, $mbox;
	chown $uid, $uid, $mbox;
}

# All that a test needs.
sub fill_with_all
{
	my %text = new_messages();
	fill(map { $text{$_} } sort keys %text);
}

my ($popa3d) = grep { -x } map { "$_/popa3d" } split /:/, $ENV{PATH};
my ($port) = start_on_loopback({ as => \@as }, $popa3d);
my $server = { user => 'bob', password => 'secret', flags => ['-S', "127.0.0.1:$port"] };

subtest 'over TCP' => sub {
	fill_with_all();
	fetches_mail($server);
	ok(-e "$dir/mail/bob" && !-s _, 'its file is empty');
};

subtest 'over TCP with IPv6' => sub {
	plan skip_all => 'needs IPv6' if !has_ipv6();
	fill_with_all();
	my ($status, $out, $error) = fetch({ %$server, flags => ['-S', "[::1]:$port"] }, 'list');
	is($status, 0, 'list') or diag($error);
	is(scalar(() = $out =~ /\bAnna\b/g), 3, 'has three messages') or diag($out);
};

# Its unique-ids are made of some header fields only
subtest 'messages that it does not tell apart' => sub {
	my @texts = map { "From: cron\nSubject: $_\n\n" . "$_\n" x $_ } 1 .. 3;
	my $saved = scratch_dir();
	fill(@texts);
	# One run may leave some to the next, but never lose one
	for (['-k', 'save', $saved], ['delete', 1], ['save', $saved], ['save', $saved], ['save', $saved]) {
		my ($status, $out, $error) = fetch($server, @$_);
		is($status, 0, join ' ', grep { !m{/} } @$_) or diag($error);
		my $all = join '', map { slurp($_) } glob("$saved/*"), "$dir/mail/bob";
		is(scalar(grep { index($all =~ s/\r//gr, $_) < 0 } @texts), 0, 'each is saved, or still there');
	}
	ok(!-s "$dir/mail/bob", 'in the end all are saved');
};

subtest 'a wrong password' => sub {
	my ($status, $out, $error) = fetch({ %$server, password => 'wrong' }, 'list');
	is($status, 69, 'is refused');
	is($out, '', 'nothing is printed');
	like($error, qr/\A[^\n]+\n\z/, 'but the reason');
};

done_testing();
