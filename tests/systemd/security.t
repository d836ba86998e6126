# The units that are installed: systemd finds nothing wrong with them, and next to nothing
# that a session or a run of the queue could reach; they name what is there after `make
# install`, wherever that has put it, and what is to be made for them is made.
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

# What systemd has to say of these units.  The programs that they start are elsewhere yet,
# which it would mind.
sub said_of
{
	my @copies = map { spew(scratch_dir() . '/' . name_of($_), slurp($_) =~ s/^ExecStart=(?=\/)/ExecStart=-/mr) } @_;
	my ($status, $out, $error) = run(['systemd-analyze', 'verify', '--man=no', @copies]);
	return "$status$out$error";
}

umask 077;
my $root = installed();
my @units = glob "$root$here/lib/systemd/system/*";
my @services = grep { /\.service$/ } @units;
is(join(' ', map { name_of($_) } @units), join(' ', sort map({ ("$_.socket", "$_\@.service") }
	qw(lmtp-stdio pop3-stdio pop3s smtp-stdio submission submissions)), map { "smtp-send.$_" } qw(path service timer)),
	'a socket for each service, and what starts the queue');
ok(!-e "$root/etc/systemd", 'nothing is enabled');

subtest 'what they set is known' => sub {
	is(said_of(@units), '0', 'verified, and nothing is said about them');
};

subtest 'how exposed they are' => sub {
	for my $file (@services) {
		# What sends has to reach another host, which is more than half of it
		my $most = name_of($file) eq 'smtp-send.service' ? 10 : 5;
		my ($status, $out, $error) = run(['systemd-analyze', 'security', '--offline=true', '--no-pager', "--threshold=$most", $file]);
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
		my ($page, $part) = $unit =~ /^Documentation=man:(\S+)\((\d)\)$/m;
		ok(-e "$root$here/share/man/man$part/$page.$part", "$name: $page($part)");
		for my $path (map { m{(?:^|[ :])(/[^ :]+)}g } $unit =~ m{^(?:ExecStart=-?|(?!ListenStream|PathChanged)\w+=)(.*)$}mg) {
			my $brought = $path =~ m{^/etc/mail-stdio/(stunnel-.*)} ? "$root$conf/$1" : "$root$path";
			ok(-e $brought || $made{$path} || $path =~ m{^/(?:etc/mail-stdio/(?:tls\.pem|smarthost(?:\.password)?)|run/systemd/journal/dev-log|usr/bin/stunnel)$},
				"$name: $path");
		}
	}
};

subtest 'elsewhere' => sub {
	my $there = installed('PREFIX=/opt/mail', 'SYSCONFDIR=/opt/mail/etc', 'MAILROOT=/srv/mail', 'SYSTEMDDIR=/etc/systemd/system');
	for my $file (glob("$there/etc/systemd/system/*"), glob "$there/opt/mail/lib/*.d/*") {
		unlike(slurp($file), qr{/usr/local(?!/share/ca-)|/var/lib/mail-stdio|[ :=]/etc/mail-stdio}, name_of($file));
	}
	is(said_of(glob "$there/etc/systemd/system/*"), '0', 'in order, too');
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
