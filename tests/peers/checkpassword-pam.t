# Logins by PAM: tests/peers/checkpassword/pam asks pamtester, with the modules of a service
# of its own, as the unprivileged user whom the mail belongs to.
use strict;
use warnings;
use lib 'tests/lib';
use MIME::Base64 qw(encode_base64);
use PeerTest;
use Test::More;

need(pamtester => 'pamtester', curl => 'curl', root => '');
need('pam_pwdfile.so' => 'libpam-pwdfile') if !glob '/lib/*/security/pam_pwdfile.so';

# PAM looks for its services in this directory and nowhere else.
my $service = "mail-stdio-test-$$";
my $rules = "/etc/pam.d/$service";
END { local $?; unlink $rules if defined $rules }
$SIG{$_} = sub { exit 1 } for qw(INT TERM HUP);

my (undef, undef, $uid, $gid) = getpwnam 'nobody';
my $dir = scratch_dir();
my $root = "$dir/root";
chmod 0711, $dir;
for ($root, "$dir/etc") {
	mkdir $_, 0700;
	chown $uid, $gid, $_;
}
spew("$dir/checkpassword-pam", slurp('tests/peers/checkpassword/pam'));
chmod 0755, "$dir/checkpassword-pam";
spew($rules, "auth required pam_pwdfile.so pwdfile=$dir/etc/passwords nodelay\naccount required pam_permit.so\n");

my $odd = q(it's "a" \test; $(id) %s ) . "\xc3\xbc";
my %password = ('bob@example.com' => 'secret', 'ann@example.org' => $odd, '-h@example.org' => 'secret');
spew("$dir/etc/passwords", join '', map { "$_:" . crypt($password{$_}, '$6$saltsaltsalt$') . "\n" } sort keys %password);
chown $uid, $gid, "$dir/etc/passwords";
chmod 0600, "$dir/etc/passwords";

my @flags = ('-p', '-d', $root, '-A', "$dir/checkpassword-pam $service");

# One login.  Returns the reply.
sub smtp
{
	my ($login, $password) = @_;
	my $plain = encode_base64("\0$login\0$password", '');
	my (undef, $replies) = run([program('smtp-stdio'), @flags],
		input => "EHLO client.example\r\nAUTH PLAIN $plain\r\nQUIT\r\n");
	return $replies =~ /^(\d{3} [^\r\n]*)\r\n221 [^\n]*\n\z/m ? $1 : $replies;
}

sub pop3
{
	my ($login, $password) = @_;
	my (undef, $replies) = run([program('pop3-stdio'), @flags],
		input => "USER $login\r\nPASS $password\r\nQUIT\r\n");
	return $replies =~ /^([^\r\n]*)\r\n\+OK[^\n]*\n\z/m ? $1 : $replies;
}

sub accounts
{
	return join ' ', map { m{([^/]+/[^/]+)$} } glob "$root/accounts/*/*";
}

for (sort keys %password) {
	like(smtp($_, $password{$_}), qr/^235 /, "SMTP: PAM lets $_ in");
	like(pop3($_, $password{$_}), qr/^\+OK/, "POP3: PAM lets $_ in");
}
is(accounts(), 'example.com/bob example.org/-h example.org/ann', 'they have accounts now');
is((stat "$root/accounts/example.com/bob")[4], $uid, 'of the user whom the mail belongs to');
for (['bob@example.com', 'Secret'], ['eve@example.com', 'secret'], ['root@example.com', 'secret'],
	['bob@example.com', '$(id)'], ['bob@example.com', '*']) {
	like(smtp(@$_), qr/^535 /, "SMTP: refused: @$_");
	like(pop3(@$_), qr/^-ERR \[AUTH\]/, "POP3: refused: @$_");
}
like(smtp('bob@example.com', "secret\nsecret"), qr/^535 /, 'SMTP: refused: the right line and one more');
is(accounts(), 'example.com/bob example.org/-h example.org/ann', 'and nobody else has an account');

# A whole way through: one client sends, another fetches.  Not every supervisor can hand on
# an argument with a blank in it.
spew("$dir/checkpassword", "#!/bin/sh\nexec $flags[-1] \"\$@\"\n");
chmod 0755, "$dir/checkpassword";
$flags[-1] = "$dir/checkpassword";
my $supervisor = any_supervisor();
my ($smtp) = start_supervisor($supervisor, program('smtp-stdio'), @flags);
my ($pop3) = start_supervisor($supervisor, program('pop3-stdio'), @flags);
my $message = spew("$dir/message", "Subject: by way of PAM\r\n\r\ntext\r\n");
my ($status, undef, $error) = run(['curl', '-sS', "smtp://127.0.0.1:$smtp/client.example", '-u', 'bob@example.com:secret',
	'--mail-from', 'bob@example.com', '--mail-rcpt', 'ann@example.org', '-T', $message]);
is($status, 0, 'curl logs in and sends') or diag($error);
($status, my $out, $error) = run(['curl', '-sS', "pop3://127.0.0.1:$pop3/1", '-u', "ann\@example.org:$odd"]);
is($status, 0, 'curl logs in and fetches') or diag($error);
is(text_of($out), "Subject: by way of PAM\n\ntext\n", 'what was sent');
like($out, qr/ with ESMTPA /, 'from somebody who had logged in');

# Where PAM is in trouble nobody is told that he is wrong.
unlink "$dir/etc/passwords";
like(smtp('bob@example.com', 'secret'), qr/^454 4\.7\.0 /, 'SMTP: try again later');
like(pop3('bob@example.com', 'secret'), qr{^-ERR \[SYS/TEMP\] }, 'POP3: try again later');
done_testing();
