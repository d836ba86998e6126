# The units that are installed: systemd finds nothing wrong with them, and next to nothing
# that a session could reach; they name what is there after `make install`, wherever that
# has put it, and what is to be made for them is made.
use strict;
use warnings;
use lib 'tests/lib';
use Test::More;
use PeerTest;

need('systemd-analyze' => 'systemd');

my $here = '/usr/local';
my $conf = "$here/share/doc/mail-stdio";

# Installs below a directory of its own; returns that.
sub installed
{
	my $directory = scratch_dir();
	local $ENV{MAKEFLAGS} = 'BUILD=' . ($ENV{BUILD} || 'build') . ($ENV{SANITIZED} ? ' SANITIZE=1' : '');
	my ($status, undef, $error) = run(['make', '-s', 'install', "DESTDIR=$directory", @_], seconds => 300);
	is($status, 0, "make install @_") or BAIL_OUT($error);
	return $directory;
}

sub name_of
{
	return $_[0] =~ s{.*/}{}r;
}

umask 077;
my $root = installed();
my @units = glob "$root$here/lib/systemd/system/*";
my @services = grep { /\@\.service$/ } @units;
is(join(' ', map { name_of($_) } @units), join(' ', map { ("$_.socket", "$_\@.service") }
	qw(lmtp-stdio pop3-stdio pop3s smtp-stdio submission submissions)), 'a socket for each service');
ok(!-e "$root/etc/systemd", 'nothing is enabled');

subtest 'what they set is known' => sub {
	my ($status, $out, $error) = run(['systemd-analyze', 'verify', '--man=no', @units]);
	is($status, 0, 'verified');
	is($out . $error, '', 'and nothing is said about them');
};

subtest 'how exposed a session is' => sub {
	for my $file (@services) {
		my ($status, $out, $error) = run(['systemd-analyze', 'security', '--offline=true', '--no-pager', '--threshold=5', $file]);
		my ($exposure) = $out =~ /Overall exposure level for \S+: (\S+)/;
		is($status, 0, name_of($file) . ': ' . ($exposure // 'unknown')) or diag($out, $error);
	}
};

subtest 'what they name is there' => sub {
	my %made = map { /^d (\S+)/ ? ($1 => 1) : () } split /\n/, slurp("$root$here/lib/tmpfiles.d/mail-stdio.conf");
	for my $file (@units) {
		my $unit = slurp($file);
		my $name = name_of($file);
		unlike($unit, qr/@[A-Z]+@/, "$name: every path is filled in");
		is((stat $file)[2] & 07777, 0644, "$name: everybody may read it");
		ok(-e "$root$here/share/man/man8/$_", "$name: $_") for map { "$_.8" } $unit =~ /^Documentation=man:(\S+)\(8\)$/m;
		for my $path (map { m{(?:^|[ :])(/[^ :]+)}g } $unit =~ m{^(?!ListenStream)\w+=-?(.*)$}mg) {
			my $brought = $path =~ m{^/etc/mail-stdio/(stunnel-.*)} ? "$root$conf/$1" : "$root$path";
			ok(-e $brought || $made{$path} || $path =~ m{^/(?:etc/mail-stdio/tls\.pem|run/systemd/journal/dev-log|usr/bin/stunnel)$},
				"$name: $path");
		}
	}
};

subtest 'elsewhere' => sub {
	my $there = installed('PREFIX=/opt/mail', 'SYSCONFDIR=/opt/mail/etc', 'MAILROOT=/srv/mail', 'SYSTEMDDIR=/etc/systemd/system');
	for my $file (glob("$there/etc/systemd/system/*"), glob "$there/opt/mail/lib/*.d/*") {
		unlike(slurp($file), qr{/usr/local|/var/lib/mail-stdio|[ :=]/etc/mail-stdio}, name_of($file));
	}
	my ($status, $out, $error) = run(['systemd-analyze', 'verify', '--man=no', glob "$there/etc/systemd/system/*"]);
	is("$status$out$error", '0', 'in order, too');
};

subtest_with { root => '', 'systemd-sysusers' => 'systemd', 'systemd-tmpfiles' => 'systemd' }, 'user and directories' => sub {
	my ($status, undef, $error) = run(['systemd-sysusers', "--root=$root"]);
	is($status, 0, 'systemd-sysusers') or diag($error);
	my ($user) = slurp("$root/etc/passwd") =~ /^mail-stdio:[^:]*:(\d+):.*:\/var\/lib\/mail-stdio:\S*nologin$/m;
	ok($user, 'there is a user, who cannot log in');
	($status, undef, $error) = run(['systemd-tmpfiles', "--root=$root", '--create']);
	is($status, 0, 'systemd-tmpfiles') or diag($error);
	my ($mode, $owner) = (stat "$root/var/lib/mail-stdio")[2, 4];
	is(sprintf('%o %d', ($mode // 0) & 07777, $owner // 0), "700 $user", 'the mail root is for this user alone');
	is(join(' ', glob "$root/run/mail-stdio/root/*"), '', 'what a session has for its root is empty');
};

done_testing();
